import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readToken, requireToken } from '@assay/cli/token.ts'
import { type AssayClient, connect } from '@assay/sdk/client/clients.ts'
import { plainText } from '@assay/sdk/client/plain-text.ts'
import { allowCalls } from '@assay/sdk/verbs/assay-token/allow.ts'
import { approve } from '@assay/sdk/verbs/assay-token/approve.ts'
import { createTask } from '@assay/sdk/verbs/tasks/create-task.ts'
import { fundTask } from '@assay/sdk/verbs/tasks/fund-task.ts'
import { readTaskFunds } from '@assay/sdk/verbs/tasks/read-task-funds.ts'
import { expect } from 'chai'
import {
  type Abi,
  type Address,
  encodeAbiParameters,
  encodeDeployData,
  erc20Abi,
  getAddress,
  type Hex,
  numberToHex,
  stringToHex,
} from 'viem'
import { startChain, type TestChain } from './support/chain.ts'
import { startCliRunner } from './support/cli-runner.ts'
import { done, taskParamsOf } from './support/verbs-scene.ts'

const ARTIFACT = join(
  import.meta.dirname,
  '../../artifacts/test/solidity/fixtures/OddTokens.sol/OddToken.json',
)
/** An answer of one byte stands for one that never comes, and none for a revert. */
const ENDLESS: Hex = '0x01'
const NONE: Hex = '0x'

const text = (symbol: string) => encodeAbiParameters([{ type: 'string' }], [symbol])
const word = (number: bigint | number) => numberToHex(number, { size: 32 })

describe('tokens of strangers', () => {
  let chain: TestChain
  let owner: AssayClient
  let folder: string
  let deploymentFile: string
  const cli = startCliRunner()

  before(async () => {
    chain = await startChain({ accounts: 2 })
    await chain.client.setAutomine(true)
    const { deployment, rpcUrl } = chain
    owner = await connect({ deployment, rpcUrl, account: chain.accounts[0]!, pollingIntervalMs: 5 })
    folder = await mkdtemp(join(tmpdir(), 'assay-tokens-'))
    deploymentFile = join(folder, 'deployment.json')
    await writeFile(deploymentFile, JSON.stringify(deployment))
  })
  after(async () => {
    cli.end()
    await chain.stop()
    await rm(folder, { recursive: true })
  })

  async function newToken(symbol: Hex, decimals: Hex): Promise<Address> {
    const { abi, bytecode } = JSON.parse(await readFile(ARTIFACT, 'utf8')) as { abi: Abi; bytecode: Hex }
    const data = encodeDeployData({ abi, bytecode, args: [symbol, decimals] })
    const hash = await owner.wallet.sendTransaction({ data })
    const { contractAddress } = await chain.client.waitForTransactionReceipt({ hash })
    return getAddress(contractAddress!)
  }

  async function newTask(rewardToken: Address): Promise<bigint> {
    const { value } = await done(createTask(owner, { params: taskParamsOf({ chain }, { rewardToken }) }))
    return value.taskId
  }

  const assay = (...args: string[]) =>
    cli.run([...args, '--rpc', chain.rpcUrl, '--deployment', deploymentFile], {
      ASSAY_PRIVATE_KEY: chain.accounts[0]!.privateKey,
    })

  const short = (address: Address) => `${address.slice(0, 6)}…${address.slice(-4)}`

  it('have the symbol that they give, as text or as bytes32, if nobody can take it for something else', async () => {
    const { assayToken } = chain.deployment.contracts
    expect(await readToken(owner, assayToken)).to.deep.equal({
      symbol: 'ASSAY',
      decimals: 18,
      address: assayToken,
    })
    const usual = await newToken(text('USDC'), word(6))
    expect(await readToken(owner, usual)).to.deep.equal({ symbol: 'USDC', decimals: 6, address: usual })
    const older = await newToken(stringToHex('MKR', { size: 32 }), word(18))
    expect(await readToken(owner, older)).to.deep.equal({ symbol: 'MKR', decimals: 18, address: older })
    const nameless = await newToken(NONE, word(36))
    expect(await readToken(owner, nameless)).to.deep.equal({
      symbol: `tokens of ${short(nameless)}`,
      decimals: 36,
      address: nameless,
    })
  })

  for (const [symbol, shown] of [
    ['ASSAY', '"ASSAY" (not the real one, 0x)'],
    [' assay', '" assay" (not the real one, 0x)'],
    ['A55AY', '"A55AY" (not the real one, 0x)'],
    ['\u0410SSAY', '"\\u{410}SSAY" (0x)'],
    ['AS\u200bSAY', '"AS\\u{200b}SAY" (not the real one, 0x)'],
    ['wei', '"wei" (not the real one, 0x)'],
    ['000 USDC', '"000 USDC" (0x)'],
    ['\u001b[2J\u001b]0;x\u0007', '"\\u{1b}[2J\\u{1b}]0;x\\u{7}" (0x)'],
    ['\u202eCDSU', '"\\u{202e}CDSU" (0x)'],
    ['X\nTask 1 is yours', '"X\\u{a}Task 1 is yours" (0x)'],
    ['M'.repeat(300), `"${'M'.repeat(20)}…" (0x)`],
  ] as const) {
    it(`are told apart and shown safely when they call themselves "${plainText(symbol, 20)}"`, async () => {
      const address = await newToken(text(symbol), word(18))
      expect((await readToken(owner, address)).symbol).to.equal(shown.replace('0x', short(address)))
    })
  }

  it('without decimals that can be are no new reward, and the reason is told', async () => {
    for (const [decimals, fault] of [
      [word(37), 'says that it has 37 decimals, but only 0 to 36 can be'],
      [word(2n ** 256n - 1n), 'says that it has 115792089237… decimals, but only 0 to 36 can be'],
      [NONE, 'does not say how many decimals it has'],
      [ENDLESS, 'does not say how many decimals it has'],
    ] as const) {
      const address = await newToken(text('ODD'), decimals)
      expect(await readToken(owner, address)).to.deep.equal({
        symbol: 'wei of ODD',
        decimals: 0,
        address,
        fault,
      })
      const refusal = await requireToken(owner, address).catch((error) => error.message)
      expect(refusal).to.equal(`The token ${address} can't be a task's reward: it ${fault}.`)
    }
  })

  it('harm nobody who looks at tasks, and what they hold can be moved in wei', async () => {
    const address = await newToken(ENDLESS, word(255))
    const taskId = await newTask(address)

    const shown = await assay('task', 'show', String(taskId))
    expect(shown.stdout).to.include(
      `pays in    wei of tokens of ${short(address)} (${address}): it says that it has 255 decimals, but only 0 to 36 can be`,
    )
    expect((await assay('task', 'list')).stdout).to.include(`0 wei of tokens of ${short(address)} free`)
    expect((await assay('status')).code).to.equal(0)

    const typed = await assay('task', 'fund', String(taskId), '5')
    expect([typed.code, ...typed.stderr.trim().split('\n')]).to.deep.equal([
      1,
      `The amount "5" means nothing: the token ${address} says that it has 255 decimals, but only 0 to 36 can be.`,
      'Give it in the smallest unit, such as 1000wei.',
    ])
    const funded = await assay('task', 'fund', String(taskId), '5wei', '--json')
    expect(JSON.parse(funded.stdout)).to.include({ funded: '5', available: '5' })
  })

  it('like USDT can be funded over an allowance that is left', async () => {
    const token = await newToken(text('USDT'), word(6))
    const taskId = await newTask(token)
    const spender = chain.deployment.contracts.tasks
    await done(approve(owner, { token, spender, amount: 7n }))

    await done(fundTask(owner, { taskId, amount: 5_000_000n }))
    expect((await readTaskFunds(owner, { taskId })).funded).to.equal(5_000_000n)

    await done(approve(owner, { token, spender, amount: 7n }))
    const said = await assay('task', 'fund', String(taskId), '2.5')
    expect(said.code, said.stderr).to.equal(0)
    expect(said.stderr).to.include('2.5 USDT  from your wallet  to the escrow')
    expect((await readTaskFunds(owner, { taskId })).funded).to.equal(7_500_000n)
    const left = await chain.client.readContract({
      address: token,
      abi: erc20Abi,
      functionName: 'allowance',
      args: [owner.wallet.account.address, spender],
    })
    expect(left).to.equal(0n)
  })

  it('are named in refusals, in previews to the last digit, and elsewhere with six', async () => {
    const taskId = await newTask(await newToken(text('USDT'), word(6)))
    const most = await assay('task', 'fund', String(taskId), '2_000_000_000_000_000_000')
    expect(most.code).to.equal(1)
    expect(most.stderr).to.include(
      'The funding would reach 2,000,000,000,000,000,000 USDT; a task holds at most 1,208,920,000,000,000,000 USDT.',
    )
    const funded = await assay('task', 'fund', String(taskId), '1,234,567.891')
    expect(funded.stderr).to.include('1,234,567.891 USDT  from your wallet')
    expect(funded.stdout).to.include('now has 1,234,570 USDT for further rounds')
  })

  it('like USDT have their approvals printed for the account that will send them', async () => {
    const token = await newToken(text('USDT'), word(6))
    const taskId = await newTask(token)
    const spender = chain.deployment.contracts.tasks
    await done(approve(owner, { token, spender, amount: 7n }))
    const other = chain.accounts[1]!.address
    const calls = async (...args: string[]) => {
      const { stdout, stderr, code } = await cli.run([
        ...['task', 'fund', String(taskId), '2', '--unsigned', '--json', ...args],
        ...['--rpc', chain.rpcUrl, '--deployment', deploymentFile],
      ])
      expect(code, stderr).to.equal(0)
      return JSON.parse(stdout).calls.map(({ to }: { to: Address }) => to)
    }

    expect(await calls('--account', owner.wallet.account.address)).to.deep.equal([token, token, spender])
    expect(await calls('--account', other)).to.deep.equal([token, spender])
    expect(await calls()).to.deep.equal([token, spender])
    const holder = { token, spender, owner: owner.wallet.account.address }
    expect(await allowCalls(owner, { ...holder, amount: 7n })).to.deep.equal([])
  })
})
