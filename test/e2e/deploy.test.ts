import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectReader } from '@assay/sdk/client/clients.ts'
import { readDeployment } from '@assay/sdk/client/deployment-file.ts'
import type { EIP1193Provider } from '@nomicfoundation/ignition-core'
import { expect } from 'chai'
import { erc20Abi, type Hex, keccak256, toHex, zeroAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { UsageError } from '../../scripts/command/usage-error.ts'
import { checkedChainId } from '../../scripts/deploy/deploy-assay.ts'
import { deployAndRecord, type RecordRequest } from '../../scripts/deploy/deployment-record.ts'
import { signingProvider } from '../../scripts/deploy/signing-provider.ts'
import { startAutomine } from './support/automine.ts'
import { run } from './support/command.ts'

const DEPLOY = join(import.meta.dirname, '../../scripts/deploy.ts')
/** Seven contracts and two connections. */
const TRANSACTIONS = 10
const OTHER = '0x00000000000000000000000000000000000000AA'

describe('deploying to a real chain', () => {
  let chain: Awaited<ReturnType<typeof startAutomine>>
  let folder: string
  let deployer: { key: Hex; address: Hex }
  let deployers = 0

  before(async () => {
    chain = await startAutomine()
  })
  after(() => chain.stop())

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-deploy-'))
    const key = keccak256(toHex(`deployer ${deployers++} of the deploy test`))
    deployer = { key, address: privateKeyToAccount(key).address }
    await chain.client.setBalance({ address: deployer.address, value: 10n ** 18n })
  })
  afterEach(() => rm(folder, { recursive: true }))

  function request(provider: EIP1193Provider = signingProvider(chain.rpcUrl, deployer.key)): RecordRequest {
    return {
      network: 'local-test',
      provider,
      pollMs: 10,
      deploymentsDir: join(folder, 'deployments'),
      journalsDir: join(folder, 'journals'),
    }
  }

  const nonce = () => chain.client.getTransactionCount({ address: deployer.address })

  it('deploys, connects, records, and gives the supply to the deployer', async () => {
    const { record, file, transactions } = await deployAndRecord(request())

    expect(transactions).to.equal(TRANSACTIONS)
    expect(record.chainId).to.equal(31337)
    expect(record.commit).to.match(/^[0-9a-f]{40}(-modified)?$|^unknown$/)
    expect(record.parameters.unbondingSeconds).to.equal(1_814_400)
    expect(record.parameters.tokenHolder.toLowerCase()).to.equal(deployer.address.toLowerCase())
    expect(BigInt(record.startBlock) < (await chain.client.getBlockNumber())).to.equal(true)
    const reader = await connectReader({ deployment: readDeployment(file), rpcUrl: chain.rpcUrl })
    const supply = await reader.chain.readContract({
      address: record.contracts.assayToken,
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [deployer.address],
    })
    expect(supply).to.equal(10n ** 27n)
  })

  it('changes nothing on a second run, not even without its journal', async () => {
    const { file } = await deployAndRecord(request())
    const before = await readFile(file, 'utf8')

    const again = await deployAndRecord(request())
    await rm(join(folder, 'journals'), { recursive: true })
    const onceMore = await deployAndRecord(request())

    expect([again.transactions, onceMore.transactions]).to.deep.equal([0, 0])
    expect(await readFile(file, 'utf8')).to.equal(before)
    expect(await nonce()).to.equal(TRANSACTIONS)
  })

  for (const survivors of [0, 1, 3, 6]) {
    it(`goes on after an interruption that let ${survivors} transactions through`, async () => {
      const broken = interruptedAfter(survivors, signingProvider(chain.rpcUrl, deployer.key))
      const failure = await deployAndRecord(request(broken)).then(
        () => undefined,
        (error: Error) => error,
      )
      expect(failure?.message).to.match(/connection lost/)

      const { record, transactions } = await deployAndRecord(request())

      expect(transactions).to.equal(TRANSACTIONS - survivors)
      expect(await nonce()).to.equal(TRANSACTIONS)
      for (const address of Object.values(record.contracts)) {
        expect(await chain.client.getCode({ address })).to.not.equal(undefined)
      }
    })
  }

  it('finds a transaction that was sent but that the journal has as prepared only', async () => {
    const inner = signingProvider(chain.rpcUrl, deployer.key)
    let sent = 0
    const broken: EIP1193Provider = {
      request: async (call) => {
        const answer = await inner.request(call)
        if (call.method === 'eth_sendTransaction' && ++sent === 4) throw new Error('killed')
        return answer
      },
    }
    await deployAndRecord(request(broken)).catch(() => 'as wanted')

    const { transactions } = await deployAndRecord(request())

    expect(transactions).to.equal(TRANSACTIONS - 4)
    expect(await nonce()).to.equal(TRANSACTIONS)
  })

  it('checks the parameters against the bounds of the contracts before it sends or writes anything', async () => {
    const cases: [RecordRequest['parameters'], string][] = [
      [
        { unbondingSeconds: 5 },
        'An unbonding time of 5 s is outside 60 … 15552000 s. Deploy with a time between 60 and 15552000 seconds. The option is --unbonding-seconds.',
      ],
      [{ unbondingSeconds: 86_400 }, 'The option is --unbonding-seconds.'],
      [{ beaconDelayBlocks: 17 }, 'outside 1 … 16'],
      [{ marginSeconds: 0 }, 'The option is --margin-seconds.'],
      [{ minPhaseSeconds: 3_601 }, 'minPhaseSeconds is 3601, outside 1 … 3600.'],
      [{ maxRoundSeconds: 5_184_001 }, 'maxRoundSeconds is 5184001, outside 8 … 5184000.'],
    ]
    for (const [parameters, sentence] of cases) {
      const failure = await deployAndRecord({ ...request(), parameters: parameters! }).catch((error) => error)
      expect(failure).to.be.instanceOf(UsageError)
      expect(failure.message).to.include(sentence)
    }
    const toNobody = await deployAndRecord({ ...request(), tokenHolder: zeroAddress }).catch((error) => error)
    expect(toNobody).to.be.instanceOf(UsageError)
    expect(await nonce()).to.equal(0)
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('goes on with an interrupted run under its own terms only, and names the folder of another', async () => {
    const broken = interruptedAfter(2, signingProvider(chain.rpcUrl, deployer.key))
    const parameters = { unbondingSeconds: 2_000_000 }
    await deployAndRecord({ ...request(broken), parameters }).catch(() => 'as wanted')

    const failure = await deployAndRecord({ ...request(), tokenHolder: OTHER }).catch((error) => error)
    const journal = join(folder, 'journals/local-test')
    expect(failure.message).to.equal(
      `The interrupted run in ${journal} began with token holder ${deployer.address}, not ${OTHER}, and unbondingSeconds 2000000, not 1814400: to go on with it give --token-holder ${deployer.address} and give --unbonding-seconds 2000000; to deploy anew move that folder away.`,
    )
    expect(await nonce()).to.equal(2)

    const { transactions } = await deployAndRecord({ ...request(), parameters })
    expect(transactions).to.equal(TRANSACTIONS - 2)
  })

  it('names the folder of an interrupted run also when nobody wrote down what it was given', async () => {
    const broken = interruptedAfter(6, signingProvider(chain.rpcUrl, deployer.key))
    const parameters = { unbondingSeconds: 2_000_000 }
    await deployAndRecord({ ...request(broken), parameters }).catch(() => 'as wanted')
    const journal = join(folder, 'journals/local-test')
    const { terms, ...chainFacts } = JSON.parse(await readFile(join(journal, 'chain.json'), 'utf8'))
    await writeFile(join(journal, 'chain.json'), JSON.stringify(chainFacts))

    const failure = await deployAndRecord(request()).catch((error) => error)

    expect(terms.parameters.unbondingSeconds).to.equal(2_000_000)
    expect(failure.message).to.include('has been changed. To go on give what').and.to.include(journal)
  })

  it('notices a wiped local chain, says so and deploys again', async () => {
    const { record: old, file } = await deployAndRecord(request())
    const wiped = await startAutomine()
    try {
      await wiped.client.setBalance({ address: deployer.address, value: 10n ** 18n })
      const said: string[] = []
      const provider = signingProvider(wiped.rpcUrl, deployer.key)

      const { transactions, record } = await deployAndRecord({
        ...request(provider),
        say: (line) => said.push(line),
      })

      expect(transactions).to.equal(TRANSACTIONS)
      expect(said.join('\n')).to.include('the chain was wiped')
      expect(record.contracts).to.deep.equal(old.contracts) // the same deployer and nonces
      await connectReader({ deployment: readDeployment(file), rpcUrl: wiped.rpcUrl })
    } finally {
      await wiped.stop()
    }
  })

  it('notices a chain that was wiped in the middle of a deployment', async () => {
    await deployAndRecord(request(interruptedAfter(3, signingProvider(chain.rpcUrl, deployer.key)))).catch(
      () => 'as wanted',
    )
    const wiped = await startAutomine()
    try {
      await wiped.client.setBalance({ address: deployer.address, value: 10n ** 18n })
      const { transactions } = await deployAndRecord(request(signingProvider(wiped.rpcUrl, deployer.key)))
      expect(transactions).to.equal(TRANSACTIONS)
    } finally {
      await wiped.stop()
    }
  })

  it('refuses a public chain that lacks its contracts instead of deploying twice', async () => {
    const other = await startAutomine(424_242)
    try {
      await other.client.setBalance({ address: deployer.address, value: 10n ** 18n })
      const provider = signingProvider(other.rpcUrl, deployer.key)
      const { file } = await deployAndRecord(request(provider))
      const record = JSON.parse(await readFile(file, 'utf8'))
      record.contracts.rounds = '0x00000000000000000000000000000000000000ff'
      await writeFile(file, JSON.stringify(record))

      const failure = await deployAndRecord(request(provider)).catch((error: Error) => error.message)

      expect(failure).to.include('Chain 424242 lacks contracts').and.to.include("doesn't forget")
    } finally {
      await other.stop()
    }
  })

  it('refuses phases of fewer than four blocks, by the pace of a public chain (attack 51)', async () => {
    const slow = await startAutomine(424_242)
    try {
      await slow.client.setBalance({ address: deployer.address, value: 10n ** 18n })
      await slow.client.setBlockTimestampInterval({ interval: 20 })
      await slow.client.mine({ blocks: 70 })
      const provider = signingProvider(slow.rpcUrl, deployer.key)

      const failure = await deployAndRecord(request(provider)).catch((error) => error)

      expect(failure).to.be.instanceOf(UsageError)
      expect(failure.message).to.equal(
        'minPhaseSeconds is 60, but this chain makes a block every 20.0 s, and a phase needs 4 of them: give --min-phase-seconds 80 or more.',
      )
      expect(await readdir(folder)).to.deep.equal([])
      const parameters = { minPhaseSeconds: 80 }
      const { record } = await deployAndRecord({ ...request(provider), parameters })
      expect(record.parameters.minPhaseSeconds).to.equal(80)
    } finally {
      await slow.stop()
    }
  })

  it('refuses another chain than the one in the file, and other parameters than the deployed ones', async () => {
    await deployAndRecord(request())
    const other = await startAutomine(1337)
    try {
      const wrong = await deployAndRecord(request(signingProvider(other.rpcUrl, deployer.key))).catch(
        (error: Error) => error.message,
      )
      expect(wrong).to.include('on chain 1337, but chain 31337 is meant')
    } finally {
      await other.stop()
    }
    const changed = await deployAndRecord({
      ...request(),
      parameters: { unbondingSeconds: 7_000_000 },
    }).catch((error: Error) => error.message)
    expect(changed).to.include("unbondingSeconds 1814400, which can't become 7000000")
    expect(await checkedChainId(request().provider, 31337)).to.equal(31337)
  })

  describe('as a command', () => {
    it('writes the record on stdout, and tells the second time that all is done', async () => {
      const network = `local-test-${process.pid}`
      const args = ['--rpc', chain.rpcUrl, '--network', network, '--json', '--beacon-delay-blocks', '1']
      const environment = { ASSAY_DEPLOYER_KEY: deployer.key }
      const root = join(import.meta.dirname, '../..')
      try {
        const first = await run(DEPLOY, args, environment)
        expect(first.code, first.stderr).to.equal(0)
        const record = JSON.parse(first.stdout)
        expect(record.parameters.beaconDelayBlocks).to.equal(1)

        const second = await run(DEPLOY, args, environment)
        expect(second.stderr).to.include('deployed already')
        expect(JSON.parse(second.stdout)).to.deep.equal(record)

        const wrong = await run(DEPLOY, [...args, '--chain-id', '1'], environment)
        expect(wrong.code).to.equal(1)
        expect(wrong.stderr).to.equal(
          'The node is on chain 31337, but chain 1 is meant: check the URL, or choose another --network.\n',
        )
      } finally {
        await rm(join(root, 'deployments', `${network}.json`), { force: true })
        await rm(join(root, 'ignition/deployments', network), { recursive: true, force: true })
      }
    })

    it('tells wrong usage by code 2 and a sentence', async () => {
      const cases: [string[], string][] = [
        [['--network', 'nowhere'], 'the chains of hardhat.config.ts are localhost, custom, sepolia: use'],
        [['--network', 'default'], '--network is "default", but the chains'],
        [['--network', 'node'], '--network is "node", but the chains'],
        [['--network', '../x'], 'it names a file'],
        [['--unbonding-seconds', 'soon', '--rpc', chain.rpcUrl], '--unbonding-seconds is "soon"'],
        [['--margin-seconds', '4294967296', '--rpc', chain.rpcUrl], '--margin-seconds is 4294967296, above'],
        [['--unbonding-seconds', '5', '--rpc', chain.rpcUrl, '--out', folder], '60 and 15552000 seconds'],
        [['--token-holder', '0x12', '--rpc', chain.rpcUrl], '--token-holder is "0x12"'],
        [['--rpc', '127.0.0.1:8545'], '--rpc is "127.0.0.1:8545"'],
        [['--frobnicate'], 'See npm run deploy -- --help'],
      ]
      const answers = await Promise.all(cases.map(([args]) => run(DEPLOY, args)))
      for (const [i, { code, stderr, stdout }] of answers.entries()) {
        const [args, sentence] = cases[i]!
        expect(code, args.join(' ')).to.equal(2)
        expect(stderr).to.include(sentence).and.not.to.include('    at ')
        expect(stdout).to.equal('')
      }
    })

    it('tells of a silent node by code 75, and what to do', async () => {
      const { code, stderr } = await run(DEPLOY, ['--rpc', 'http://127.0.0.1:1'])

      expect([code, stderr.includes('    at ')], stderr).to.deep.equal([75, false])
      expect(stderr).to.include('check the RPC URL')
    })
  })
})

/** A node that answers until `count` transactions were sent, and then no more. */
function interruptedAfter(count: number, provider: EIP1193Provider): EIP1193Provider {
  const sent: Promise<unknown>[] = []
  return {
    request: async (call) => {
      if (call.method !== 'eth_sendTransaction') return provider.request(call)
      if (sent.length < count) {
        const sending = provider.request(call)
        sent.push(sending)
        return sending
      }
      // Several are sent at once: the others arrive before the next run looks.
      await Promise.allSettled(sent)
      throw new Error('connection lost')
    },
  }
}
