import { expect } from 'chai'
import { HttpRequestError, LimitExceededRpcError, RpcRequestError, TimeoutError } from 'viem'
import { logRefusalOf } from './log-refusal.ts'

const URL = 'https://node.example/v2/rate-limit-key'
const BODY = { method: 'eth_getLogs', params: [{ fromBlock: '0x0', toBlock: '0xffff' }] }
const PONDER =
  'https://github.com/ponder-sh/ponder/blob/00dce051d535652fcd74beb547245b4d930f1629/packages/utils/src/getLogsRetryHelper.ts'
const FOUNDRY = 'https://github.com/foundry-rs/foundry/issues/12687'
const CONFURA = 'https://github.com/Conflux-Chain/conflux-documentation/issues/335'
const MUD = 'https://github.com/latticexyz/mud/issues/1522'

type Answer = { code: number; message: string; data?: unknown }
type Case = { who: string; source: string; answer: Answer }

const TOO_MUCH: Case[] = [
  {
    who: 'Alchemy, response size',
    source: 'https://github.com/ethers-io/ethers.js/issues/4703',
    answer: {
      code: -32602,
      message:
        'Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no limit on the response size, or you can request any block range with a cap of 10K logs in the response. Based on your parameters and the response size limit, this block range should work: [0x0, 0xd043b8]',
    },
  },
  {
    who: 'Alchemy, range',
    source: 'https://github.com/BobTheBuidler/dank_mids/issues/772',
    answer: {
      code: -32600,
      message:
        'You can make eth_getLogs requests with up to a 500 block range. Based on your parameters, this block range should work: [0x123c9b2, 0x123cba5]',
    },
  },
  {
    who: 'Alchemy, bytes',
    source: 'https://github.com/ponder-sh/ponder/issues/407',
    answer: { code: -32600, message: 'Response size is larger than 150MB limit' },
  },
  {
    who: 'Alchemy, free plan',
    source: 'https://github.com/cartesi/rollups-node/pull/655',
    answer: {
      code: -32600,
      message:
        'Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range. Upgrade to PAYG for expanded block range.',
    },
  },
  {
    who: 'Infura, results',
    source: 'https://github.com/ethers-io/ethers.js/issues/4703',
    answer: {
      code: -32005,
      message: 'query returned more than 10000 results. Try with this block range [0xBDE5F8, 0x102DBCC].',
      data: { from: '0xBDE5F8', limit: 10_000, to: '0x102DBCC' },
    },
  },
  {
    who: 'Infura, range',
    source: 'https://github.com/INFURA/infura/issues/237',
    answer: { code: -32602, message: 'range 1000000 exceeds limit of 10000' },
  },
  {
    who: 'Infura, time',
    source: 'https://docs.metamask.io/services/reference/linea/json-rpc-methods/eth_getlogs/',
    answer: { code: -32005, message: 'query timeout exceeded' },
  },
  {
    who: 'QuickNode',
    source: 'https://github.com/OffchainLabs/arbitrum-sdk/issues/609',
    answer: { code: -32614, message: 'eth_getLogs is limited to a 10,000 range' },
  },
  { who: 'Ankr', source: PONDER, answer: { code: -32600, message: 'block range is too wide' } },
  {
    who: 'Ankr for TAC',
    source: PONDER,
    answer: { code: -32000, message: 'maximum [from, to] blocks distance: 10000' },
  },
  {
    who: 'dRPC',
    source: FOUNDRY,
    answer: { code: 35, message: 'ranges over 10000 blocks are not supported on freetier' },
  },
  {
    who: 'BlockPI',
    source: FOUNDRY,
    answer: {
      code: -32602,
      message:
        'eth_getLogs is limited to 1024 block range. Please check the parameter requirements at https://docs.blockpi.io/documentations/api-reference',
    },
  },
  {
    who: 'Tenderly, in its data only',
    source: 'https://github.com/bobanetwork/boba_legacy/issues/827',
    answer: {
      code: -32602,
      message: 'invalid params',
      data: {
        error_id: '4ed94073-0317-4648-a167-107fba5f44b3',
        payload: 'range 9009594 is bigger than range limit 2000',
      },
    },
  },
  {
    who: 'thirdweb',
    source: PONDER,
    answer: { code: -32005, message: 'Maximum allowed number of requested blocks is 1000' },
  },
  {
    who: 'Avalanche',
    source: PONDER,
    answer: { code: -32000, message: 'requested too many blocks from 1 to 50000, maximum is set to 2048' },
  },
  { who: 'Cloudflare', source: PONDER, answer: { code: -32047, message: 'Max range: 800' } },
  { who: 'Base, range', source: PONDER, answer: { code: -32614, message: 'block range too large' } },
  { who: 'Base, bytes', source: PONDER, answer: { code: -32020, message: 'backend response too large' } },
  {
    who: 'Coinbase',
    source: PONDER,
    answer: { code: -32602, message: 'please limit the query to at most 1,000 blocks' },
  },
  {
    who: 'BNB Smart Chain',
    source: 'https://github.com/AlphaWallet/alpha-wallet-android/issues/2736',
    answer: { code: -32000, message: 'exceed maximum block range: 5000' },
  },
  {
    who: 'reth, range',
    source: FOUNDRY,
    answer: { code: -32602, message: 'query exceeds max block range 100000' },
  },
  {
    who: 'reth, results',
    source: FOUNDRY,
    answer: {
      code: -32602,
      message: 'query exceeds max results 20000, retry with the range 23879634-23879696',
    },
  },
  {
    who: 'Arbitrum',
    source: PONDER,
    answer: { code: -32000, message: 'logs matched by query exceeds limit of 10000' },
  },
  {
    who: '1RPC, range',
    source: PONDER,
    answer: { code: -32602, message: 'eth_getLogs is limited to a 50 blocks range' },
  },
  {
    who: '1RPC, bytes',
    source: PONDER,
    answer: { code: -32602, message: 'response size should not greater than 10000000 bytes' },
  },
  {
    who: 'Blast API',
    source: PONDER,
    answer: {
      code: -32600,
      message: 'The block range exceeds the range allowed for your plan (9999 > 3000)',
    },
  },
  {
    who: 'Chainstack',
    source: PONDER,
    answer: {
      code: -32602,
      message:
        'Block range limit exceeded. See more details at https://docs.chainstack.com/docs/limits#evm-range-limits',
    },
  },
  {
    who: 'Merkle',
    source: FOUNDRY,
    answer: { code: -32603, message: 'eth_getLogs range is too large, max is 1k blocks' },
  },
  {
    who: 'Erigon, range',
    source: 'https://github.com/erigontech/erigon/pull/20784',
    answer: {
      code: -32000,
      message: 'query block range exceeds server limit, narrow your filter: 1000',
    },
  },
  {
    who: 'Erigon, results',
    source: 'https://github.com/erigontech/erigon/pull/20784',
    answer: { code: -32000, message: 'query returns too many logs, narrow your filter: 20000' },
  },
  {
    who: 'Scroll',
    source: 'https://github.com/scroll-tech/go-ethereum/pull/529',
    answer: { code: -32000, message: 'block range is bigger than maxBlockRange' },
  },
  {
    who: 'Candle',
    source: 'https://github.com/AlphaWallet/alpha-wallet-ios/issues/5277',
    answer: { code: -32600, message: 'block range too high' },
  },
  {
    who: 'Morph',
    source: 'https://github.com/enviodev/hyperindex/issues/605',
    answer: {
      code: -32000,
      message: 'block range is larger than max block range, block range = 5120, max block range = 5000',
    },
  },
  {
    who: 'Polygon zkEVM',
    source: 'https://github.com/0xPolygon/zkevm-node/issues/3136',
    answer: { code: -32602, message: 'logs are limited to a 10000 block range' },
  },
  {
    who: 'Swell',
    source: PONDER,
    answer: { code: -32000, message: 'block range greater than 10000 max' },
  },
  { who: 'Somnia', source: PONDER, answer: { code: -32000, message: 'block range exceeds 1000' } },
  {
    who: 'Harmony',
    source: PONDER,
    answer: { code: -32000, message: 'query must be smaller than size 1024' },
  },
  {
    who: 'Moonriver',
    source: PONDER,
    answer: { code: -32603, message: 'block range is too wide (maximum 1024)' },
  },
  {
    who: 'Conflux, range',
    source: CONFURA,
    answer: { code: -32000, message: 'query set is too large, please narrow down your filter condition' },
  },
  {
    who: 'Conflux, results',
    source: CONFURA,
    answer: {
      code: -32000,
      message:
        'result set to be queried is too large with more than 10000 logs, please narrow down your filter condition',
    },
  },
  {
    who: 'Conflux, time',
    source: CONFURA,
    answer: { code: -32000, message: 'query timeout with duration exceeds 3s' },
  },
  {
    who: 'Etherlink',
    source: 'https://github.com/wildanre/ponder-caer/blob/main/QUICK_FIX.md',
    answer: { code: -32000, message: 'Cannot request logs over more than 1000 blocks' },
  },
  {
    who: 'Hedera',
    source: 'https://github.com/hiero-ledger/hiero-json-rpc-relay/issues/5088',
    answer: {
      code: -32020,
      message: 'Mirror node upstream failure: statusCode=504, message=timeout of 30000ms exceeded',
    },
  },
  {
    who: 'EIP-1474',
    source: 'https://eips.ethereum.org/EIPS/eip-1474',
    answer: { code: -32005, message: 'limit exceeded' },
  },
]

const OTHERWISE: Case[] = [
  {
    who: 'Alchemy, asked too often',
    source: MUD,
    answer: {
      code: 429,
      message:
        'Your app has exceeded its compute units per second capacity. If you have retries enabled, you can safely ignore this message.',
    },
  },
  {
    who: 'Alchemy, used up',
    source: 'https://github.com/xmtp/xmtpd/issues/672',
    answer: {
      code: -32600,
      message:
        'Monthly capacity limit exceeded. Visit https://dashboard.alchemyapi.io/settings/billing to upgrade your scaling policy for continued service.',
    },
  },
  {
    who: 'QuickNode, asked too often',
    source: 'https://github.com/foundry-rs/foundry/issues/4894',
    answer: {
      code: -32007,
      message:
        '100/second request limit reached - reduce calls per second or upgrade your account at quicknode.com',
    },
  },
  {
    who: 'QuickNode, credits',
    source: MUD,
    answer: { code: -32012, message: 'credits limited to 6000/sec' },
  },
  {
    who: 'Infura, asked too often',
    source: 'https://github.com/herdius/herdius-core/pull/58',
    answer: {
      code: -32005,
      message: 'legacy access request rate exceeded',
      data: { reason: 'project ID not provided', see: 'https://infura.io/dashboard' },
    },
  },
  {
    who: 'Infura, used up',
    source: 'https://github.com/gochain/web3/issues/180',
    answer: {
      code: -32005,
      message: 'daily request count exceeded, request rate limited',
      data: { rate: { allowed_rps: 1, backoff_seconds: 0, current_rps: 2.2 } },
    },
  },
  {
    who: 'Ankr, used up',
    source: 'https://github.com/Ankr-network/ankr-docs/issues/1645',
    answer: {
      code: -31999,
      message: 'rate limit exceeded',
      data: 'You’ve reached the request limit for free users! Top up your balance to unlock Premium now',
    },
  },
  {
    who: 'Ankr, no key',
    source: 'https://github.com/BitteProtocol/near-ca/pull/173',
    answer: { code: -32000, message: 'Unauthorized: You must authenticate your request with an API key.' },
  },
  {
    who: 'Base, down',
    source: PONDER,
    answer: { code: -32011, message: 'no backend is currently healthy to serve traffic' },
  },
  {
    who: 'geth, a range that ends before it starts',
    source: 'https://github.com/paradigmxyz/reth/pull/26891',
    answer: { code: -32602, message: 'invalid block range params' },
  },
  {
    who: 'geth, blocks that are not there',
    source: 'https://github.com/lambdaclass/ethrex/pull/7236',
    answer: { code: -32602, message: 'block range extends beyond current head block' },
  },
  {
    who: 'geth, history that is gone',
    source: 'https://eips.ethereum.org/EIPS/eip-4444',
    answer: { code: 4444, message: 'pruned history unavailable' },
  },
  {
    who: 'a contract, in words',
    source: 'https://docs.soliditylang.org/en/latest/control-structures.html#revert',
    answer: { code: 3, message: 'execution reverted: block range exceeds the limit' },
  },
  {
    who: 'a contract, in data',
    source: 'https://docs.soliditylang.org/en/latest/control-structures.html#revert',
    answer: { code: 3, message: 'VM Exception: range too large', data: `0x08c379a0${'00'.repeat(64)}` },
  },
  {
    who: 'a method that is not offered',
    source: 'https://github.com/blockscout/blockscout/issues/7339',
    answer: { code: -32601, message: 'the method eth_getLogs does not exist/is not available' },
  },
]

const asViemSays = (answer: Answer) => {
  const cause = new RpcRequestError({ body: BODY, error: answer, url: URL })
  return answer.code === -32005 ? new LimitExceededRpcError(cause) : cause
}

const shapes: [string, (answer: Answer) => unknown][] = [
  ['as viem throws it', asViemSays],
  ['as a plain error', ({ message, ...rest }) => Object.assign(new Error(message), rest)],
  [
    'as the cause of another error',
    (answer) => new Error('HTTP request failed', { cause: asViemSays(answer) }),
  ],
  ['nested in data', (answer) => ({ code: -32603, message: 'Internal error', data: { error: answer } })],
  ['as JSON in the body of an HTTP answer', (answer) => asHttp(400, JSON.stringify(answer))],
]

function asHttp(status: number, details: string) {
  return new HttpRequestError({ body: BODY, details, status, url: URL })
}

describe('the words of nodes that refuse logs', () => {
  for (const [shape, wrap] of shapes) {
    it(`ask for a smaller range, ${shape}`, () => {
      for (const { who, source, answer } of TOO_MUCH)
        expect(logRefusalOf(wrap(answer)), `${who} (${source})`).to.equal('tooMuch')
    })

    it(`ask for something else, ${shape}`, () => {
      for (const { who, source, answer } of OTHERWISE)
        expect(logRefusalOf(wrap(answer)), `${who} (${source})`).to.equal(undefined)
    })
  }

  it('count by their HTTP status, whatever a page says', () => {
    const words = 'query returned more than 10000 results'
    expect(logRefusalOf(asHttp(413, '"413 Request Entity Too Large nginx"'))).to.equal('tooMuch')
    expect(logRefusalOf(asHttp(413, ''))).to.equal('tooMuch')
    for (const status of [401, 403, 404, 429]) expect(logRefusalOf(asHttp(status, words))).to.equal(undefined)
    expect(logRefusalOf(asHttp(502, '"502 Bad Gateway nginx"'))).to.equal(undefined)
    expect(logRefusalOf(asHttp(503, '"Service Unavailable"'))).to.equal(undefined)
  })

  it('are about time when a gateway or this client gave up waiting', () => {
    expect(logRefusalOf(asHttp(504, '"504 Gateway Time-out nginx"'))).to.equal('tooSlow')
    expect(logRefusalOf(asHttp(502, '"node.example | 524: A timeout occurred"'))).to.equal('tooSlow')
    expect(logRefusalOf(new TimeoutError({ body: BODY, url: URL }))).to.equal('tooSlow')
  })

  it('are never taken from the request, the address or a network error', () => {
    const url = 'https://node.example/block-range-too-large'
    const body = { method: 'eth_getLogs', params: ['block range too large'] }
    expect(logRefusalOf(new HttpRequestError({ body, details: 'fetch failed', url }))).to.equal(undefined)
    for (const words of ['connect ETIMEDOUT 192.0.2.1:443', 'Connect Timeout Error', 'socket hang up'])
      expect(logRefusalOf(new Error('fetch failed', { cause: new Error(words) })), words).to.equal(undefined)
    expect(logRefusalOf(undefined)).to.equal(undefined)
  })

  it('end a search in an error that contains itself', () => {
    const loop: { message: string; cause?: unknown } = { message: 'odd' }
    loop.cause = loop
    expect(logRefusalOf(loop)).to.equal(undefined)
  })
})
