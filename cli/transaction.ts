import { amountText, amountTexts, ETHER, type TokenUnit } from '@assay/sdk/client/amounts.ts'
import type { AssayClient } from '@assay/sdk/client/clients.ts'
import { AssayError, type Failure, toldIn } from '@assay/sdk/client/errors.ts'
import { type Call, type Sent, simulate } from '@assay/sdk/client/send.ts'
import { type Address, erc20Abi, zeroAddress } from 'viem'
import { type Answer, print, say } from './answer.ts'
import { CliError } from './failure.ts'
import { clientOf, type KeyOptions, readerOf } from './options.ts'
import { askYes } from './prompt.ts'

/** Value that moves: `1000 ASSAY  from your wallet  to your stake`; exact, or as `at most` or `at least` what it can be. */
export interface Move {
  amount: string
  from: string
  to: string
}

/** A transaction before it is sent. */
export interface Plan<T> {
  /** What it does, as the beginning of a sentence: `Stake 1000 ASSAY`. */
  title: string
  moves: Move[]
  /** What to know before saying yes, such as when stake can be withdrawn. */
  notes?: string[]
  /** The calls in order; the last one is simulated before anything is asked or sent. */
  calls: Call[]
  /** What the signer's wallet must hold; checked before anything is shown. */
  spends?: { token: Address; unit: TokenUnit; amount: bigint }
  /** Most gas of all calls. Needed if the last one can't be simulated before an earlier one, such as an approval. */
  gasAtMost?: bigint
  /** What has to go well on this machine first, once the chain is known to take the call. @throws CliError when it doesn't */
  rehearse?: () => Promise<unknown>
  send: (client: AssayClient) => Promise<Sent<T>>
  /** The token whose amounts a refusal may name; by default the one that is spent. */
  token?: TokenUnit
  /** Adds to a refusal what this verb knows beyond the error's own values; by default nothing. */
  explain?: (failure: Failure, client: AssayClient) => Promise<Failure>
  /** What to print once it is done. */
  done: (value: T, client: AssayClient) => Promise<Answer> | Answer
}

/** The part of a plan that is shown before anything is sent. */
type Shown = Omit<Plan<unknown>, 'send' | 'done'>

/**
 * Shows a plan, asks for a yes if there is a terminal, sends it, and prints the result.
 * @throws CliError when it was declined or is still pending, AssayError when the chain refuses
 */
export async function perform<T>(
  options: KeyOptions,
  plan: (reader: Awaited<ReturnType<typeof readerOf>>) => Promise<Plan<T>>,
): Promise<void> {
  if (options.unsigned) {
    const { title, calls, rehearse } = await plan(await readerOf(options))
    await rehearse?.()
    print(
      { data: { calls }, text: calls.map((call) => unsignedText(call, title)).join('\n\n') },
      options.json,
    )
    return
  }
  const client = await clientOf(options)
  const planned = await plan(client)
  await preview(planned, client)
  const isAsked = !options.yes && process.stdin.isTTY && process.stderr.isTTY
  if (isAsked && !(await askYes(`${planned.title}?`))) {
    throw new CliError('failed', 'Nothing was sent.')
  }
  say('Sending it, and waiting until it is in a block …')
  const sent = await planned.send(client)
  if (sent.status === 'failed') throw await refusal(sent.failure, planned, client)
  if (sent.status === 'pending') {
    throw new CliError(
      'tryAgain',
      `Transaction ${sent.hash} is sent, but not in a block yet.`,
      'Look at assay status before you send anything again: it may still be mined.',
    )
  }
  const { data, text } = await planned.done(sent.value, client)
  const { transactionHash, blockNumber, gasUsed } = sent.receipt
  const receipt = { transaction: transactionHash, block: blockNumber, gasUsed }
  print(
    { data: { status: 'done', ...receipt, ...data }, text: `${text}\nTransaction ${transactionHash}` },
    options.json,
  )
}

async function preview(plan: Shown, client: AssayClient): Promise<void> {
  await requireBalance(plan, client)
  const call = plan.calls.at(-1)
  if (call !== undefined && plan.gasAtMost === undefined) {
    const failure = await simulate(client, call)
    if (failure !== undefined) throw await refusal(failure, plan, client)
  }
  await plan.rehearse?.()
  say(`${plan.title} from ${client.wallet.account.address} on ${client.deployment.network}`)
  for (const { amount, from, to } of plan.moves) say(`  ${amount}  from ${from}  to ${to}`)
  say(`  network fee: at most ${amountText(await largestFee(client, plan), ETHER, 'up')}`)
  for (const note of plan.notes ?? []) say(`  ${note}`)
}

async function refusal(failure: Failure, plan: Shown, client: AssayClient): Promise<AssayError> {
  const unit = plan.token ?? plan.spends?.unit
  const told = unit === undefined ? failure : toldIn(failure, unit)
  return new AssayError((await plan.explain?.(told, client)) ?? told)
}

/** @throws CliError with amounts in tokens; the token's own refusal would state them in wei */
async function requireBalance({ spends }: Shown, { chain, wallet }: AssayClient): Promise<void> {
  if (spends === undefined) return
  const { token, unit, amount } = spends
  const account = wallet.account.address
  const balance = await chain.readContract({
    address: token,
    abi: erc20Abi,
    functionName: 'balanceOf',
    args: [account],
  })
  if (balance >= amount) return
  const [has, needs] = amountTexts([balance, amount], unit)
  throw new CliError(
    'failed',
    `${account} has ${has}, but ${needs} are needed.`,
    'Get more of the token, or give a smaller amount.',
  )
}

/** Most wei that the calls cost: a quarter above the estimate, which is the gas limit that is sent. */
async function largestFee({ chain, wallet }: AssayClient, { calls, gasAtMost }: Shown): Promise<bigint> {
  const { maxFeePerGas } = await chain.estimateFeesPerGas()
  if (gasAtMost !== undefined) return gasAtMost * maxFeePerGas
  const account: Address = wallet.account.address
  const gas = await Promise.all(calls.map(({ to, data }) => chain.estimateGas({ account, to, data })))
  return ((gas.reduce((sum, one) => sum + one, 0n) * 5n) / 4n) * maxFeePerGas
}

function unsignedText({ to, data, action }: Call, title: string): string {
  return `# ${action || title}\nto    ${to ?? zeroAddress}\ndata  ${data}`
}
