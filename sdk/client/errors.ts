import {
  type Abi,
  BaseError,
  decodeErrorResult,
  encodeErrorResult,
  type Hex,
  isHex,
  size,
  toFunctionSelector,
} from 'viem'
import type { TokenUnit } from './amounts.ts'
import { errorsAbi } from './error-abis.ts'
import { ERROR_TEXTS } from './error-texts/error-texts.ts'
import { plainText } from './plain-text.ts'

/** Why something did not happen, for people and for programs. */
export type Failure = {
  /** Name of the contract's error, or of the fault on the way to it. */
  name: string
  values: Record<string, unknown>
  /** What happened, with the facts. */
  message: string
  /** What to do about it. */
  fix: string
  /** `refused`: the contract, the node or the wallet says no. `transient`: the same may work later. */
  kind: 'refused' | 'transient' | 'unknown'
}

/** A {@link Failure} as an error. */
export class AssayError extends Error {
  override readonly name = 'AssayError'
  readonly failure: Failure

  constructor(failure: Failure, options?: ErrorOptions) {
    super(`${failure.message} ${failure.fix}`, options)
    this.failure = failure
  }
}

/** The same refusal with amounts of a task's reward token, or of the token that was called, in that token and not in wei. */
export function toldIn(failure: Failure, unit: TokenUnit): Failure {
  const text = ERROR_TEXTS[failure.name]
  if (text === undefined || failure.kind !== 'refused') return failure
  return { ...failure, message: text.message(failure.values, unit), fix: text.fix(failure.values, unit) }
}

/** What Rounds says of a task that doesn't exist, for who reads its slots. */
export function unknownTask(taskId: bigint): AssayError {
  return new AssayError(
    decodeRevert(encodeErrorResult({ abi: errorsAbi, errorName: 'Rounds_UnknownTask', args: [taskId] })),
  )
}

/** What Rounds says of a cohort that the round doesn't have, for who reads its slots. @param cohorts that it has */
export function unknownCohort(cohort: number, cohorts: number): AssayError {
  const args = [cohort, BigInt(cohorts)] as const
  return new AssayError(
    decodeRevert(encodeErrorResult({ abi: errorsAbi, errorName: 'Rounds_UnknownCohort', args })),
  )
}

/** Of strangers' reasons and messages, in letters. */
const LONGEST_REASON = 200
/** Letters of a node's message in which a fault is looked for: some patterns take the square of it. */
const MOST_SEARCHED = 10_000
const ERROR_STRING = toFunctionSelector('Error(string)')
const PANIC = toFunctionSelector('Panic(uint256)')

/** The failure behind anything that a call, a node or a wallet threw. */
export function decodeFailure(error: unknown): Failure {
  if (error instanceof AssayError) return error.failure
  const chain = causes(error)
  const revert = chain.map(revertDataOf).find((data) => data !== undefined)
  if (revert !== undefined) return decodeRevert(revert)
  return nodeFailure(chain) ?? unknownFailure(error)
}

/** The failure in revert data: a custom error with its values, a reason string or a panic. */
export function decodeRevert(data: Hex): Failure {
  if (size(data) < 4)
    return refusal('RevertedWithoutReason', {}, 'The contract refused without a reason.', CHECK_ADDRESS)
  const selector = data.slice(0, 10)
  const decoded = decode(data)
  if (decoded === undefined) {
    const message = `The contract refused with an error that this version does not know (${selector}).`
    return refusal(
      'UnknownError',
      { data },
      message,
      'Update this program, and check that the address is of the protocol.',
    )
  }
  const { errorName, values } = decoded
  if (selector === ERROR_STRING)
    return refusal(
      errorName,
      values,
      `The contract refused: ${plainText(`${first(values)}`, LONGEST_REASON)}.`,
      CHECK_ADDRESS,
    )
  if (selector === PANIC) {
    const message = `The contract stopped with panic ${first(values)}: an argument is far outside its range.`
    return refusal(errorName, values, message, 'Check the amounts and numbers that you gave.')
  }
  const text = ERROR_TEXTS[errorName]
  if (text === undefined) {
    return refusal(errorName, values, `The contract refused: ${errorName}.`, CHECK_ADDRESS)
  }
  return refusal(errorName, values, text.message(values), text.fix(values))
}

const CHECK_ADDRESS = 'Check that the address is of the protocol and that the arguments are right.'

function refusal(name: string, values: Record<string, unknown>, message: string, fix: string): Failure {
  return { name, values, message, fix, kind: 'refused' }
}

function first(values: Record<string, unknown>): unknown {
  return Object.values(values)[0]
}

function decode(data: Hex): { errorName: string; values: Record<string, unknown> } | undefined {
  try {
    const { errorName, args = [], abiItem } = decodeErrorResult({ abi: errorsAbi as Abi, data })
    const inputs = abiItem.type === 'error' ? abiItem.inputs : []
    return {
      errorName,
      values: Object.fromEntries(args.map((value, i) => [inputs[i]?.name ?? `${i}`, value])),
    }
  } catch (error) {
    if (error instanceof BaseError) return undefined
    throw error
  }
}

// ---- failures before the contract

/** An error, what caused it, and so on. */
function causes(error: unknown): Record<string, unknown>[] {
  const chain: Record<string, unknown>[] = []
  for (let at = error; typeof at === 'object' && at !== null && chain.length < 16; ) {
    chain.push(at as Record<string, unknown>)
    at = (at as { cause?: unknown }).cause
  }
  return chain
}

/** Nodes put revert data at `data`, some one level deeper. */
function revertDataOf(error: Record<string, unknown>): Hex | undefined {
  const { data } = error
  if (isHex(data) && (size(data) >= 4 || mentions(error, /revert/i))) return data
  const inner = typeof data === 'object' && data !== null ? (data as { data?: unknown }).data : undefined
  return isHex(inner) && size(inner) >= 4 ? inner : undefined
}

type NodeFault = { name: string; pattern: RegExp; kind: Failure['kind']; message: string; fix: string }

/** Faults by the words of nodes' messages; the first that matches counts. */
const NODE_FAULTS: readonly NodeFault[] = [
  {
    name: 'UserRejected',
    pattern: /user rejected|user denied/i,
    kind: 'refused',
    message: 'The wallet did not sign.',
    fix: 'Confirm the request in the wallet, or leave it.',
  },
  {
    name: 'InsufficientFunds',
    pattern:
      /insufficient funds|doesn't have enough funds|exceeds the balance|gas required exceeds allowance \(0\)/i,
    kind: 'refused',
    message: 'The account has too little ETH to pay for gas.',
    fix: 'Send ETH to the account that signs.',
  },
  {
    name: 'NonceTooLow',
    pattern: /nonce too low|nonce.*lower than|nonce has already been used/i,
    kind: 'refused',
    message: 'Another transaction of this account took the nonce (nonce too low).',
    fix: 'Send again; use a key in one program only.',
  },
  {
    name: 'AlreadyKnown',
    pattern: /already known|already imported|known transaction/i,
    kind: 'refused',
    message: 'The node has this transaction already (already known).',
    fix: 'Wait for its receipt.',
  },
  {
    name: 'FeeTooLow',
    pattern: /underpriced|fee cap.*(below|less than)|max fee per gas less than|fee too low/i,
    kind: 'refused',
    message: 'The fee is below what the chain asks for now.',
    fix: 'Raise the fee ceiling, or send when gas is cheaper.',
  },
  {
    name: 'GasLimitTooHigh',
    pattern:
      /gas limit (too high|exceeded)|exceeds block gas limit|exceeds transaction gas cap|gas limit is higher/i,
    kind: 'refused',
    message: 'The transaction needs more gas than the chain allows in one.',
    fix: 'Split the work: fewer cohorts or submissions a call.',
  },
  {
    name: 'OtherVersion',
    pattern: /Position `\d+` is out of bounds|Data size of `?\d+`? bytes is too small/,
    kind: 'refused',
    message: 'The contract answers in another form than this version reads: it is of another version.',
    fix: 'Use the version of this program that its deployment file came with.',
  },
  {
    name: 'RevertedWithoutReason',
    pattern: /execution reverted|transaction reverted|reverted without a reason/i,
    kind: 'refused',
    message: 'The contract refused without a reason.',
    fix: CHECK_ADDRESS,
  },
]

/** Names of viem's and Node's errors that mean: the node can't answer, or not now. */
const TRANSIENT_NAMES = new Set([
  'HttpRequestError',
  'WebSocketRequestError',
  'SocketClosedError',
  'TimeoutError',
  'LimitExceededRpcError',
  'ResourceUnavailableRpcError',
  'ResourceNotFoundRpcError',
  'InternalRpcError',
  'UnknownRpcError',
  'BlockNotFoundError',
  'HeaderNotFoundError',
  'ProviderDisconnectedError',
  'ChainDisconnectedError',
  'AbortError',
  'SyntaxError',
])
const TRANSIENT_WORDS =
  /fetch failed|ECONNREFUSED|ECONNRESET|ETIMEDOUT|socket hang up|header not found|rate limit|too many requests/i
const PERMANENT_STATUSES = new Set([400, 401, 403, 404])

function nodeFailure(chain: Record<string, unknown>[]): Failure | undefined {
  const fault = NODE_FAULTS.find(({ pattern }) => chain.some((error) => mentions(error, pattern)))
  if (fault !== undefined) return { ...fault, values: {}, ...facts(fault) }

  const status = chain.map((error) => error.status).find((value) => typeof value === 'number')
  if (typeof status === 'number' && PERMANENT_STATUSES.has(status)) {
    const message = `${nodeIn(chain)} answered with HTTP status ${status}.`
    return refusal('NodeRefused', { status }, message, 'Check the RPC URL and its access key.')
  }
  const transient = chain.some(
    (error) => TRANSIENT_NAMES.has(`${error.name}`) || mentions(error, TRANSIENT_WORDS),
  )
  if (!transient) return undefined
  return {
    name: 'NodeUnavailable',
    values: {},
    message: `${nodeIn(chain)} did not answer as it should: ${firstLine(chain)}.`,
    fix: 'Try again; if it lasts, check the RPC URL, or use another node.',
    kind: 'transient',
  }
}

/** The node that was asked, by its host alone: the rest of an address may hold a password or an access key. */
function nodeIn(chain: Record<string, unknown>[]): string {
  const url = chain.map((error) => error.url).find((value) => typeof value === 'string')
  return typeof url === 'string' && URL.canParse(url) ? `The node at ${new URL(url).origin}` : 'The node'
}

function facts({ name, kind, message, fix }: NodeFault): Omit<Failure, 'values'> {
  return { name, kind, message, fix }
}

function unknownFailure(error: unknown): Failure {
  return {
    name: 'Unknown',
    values: {},
    message: `It failed: ${firstLine(causes(error)) || plainText(String(error), LONGEST_REASON)}.`,
    fix: 'Try it again, and report it when it repeats.',
    kind: 'unknown',
  }
}

function mentions(error: Record<string, unknown>, pattern: RegExp): boolean {
  const { shortMessage, details, message } = error
  const said = [shortMessage, details, message].map((text) => `${text ?? ''}`.slice(0, MOST_SEARCHED))
  return pattern.test(said.join(' '))
}

function firstLine(chain: Record<string, unknown>[]): string {
  const said = chain.map((error) => error.details ?? error.shortMessage ?? error.message)
  const words = said.find((text) => typeof text === 'string' && text !== '') as string | undefined
  return plainText((words ?? '').split('\n')[0]!, LONGEST_REASON).replace(/\.$/, '')
}
