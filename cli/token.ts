import { ASSAY, type TokenUnit } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { AssayError, decodeFailure } from '@assay/sdk/client/errors.ts'
import { plainText } from '@assay/sdk/client/plain-text.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import {
  type Address,
  decodeAbiParameters,
  encodeFunctionData,
  erc20Abi,
  type Hex,
  hexToBigInt,
  hexToBytes,
  size,
  slice,
} from 'viem'
import { CliError } from './failure.ts'
import { parseAmount } from './format.ts'

/**
 * A token, and how its amounts are shown. The symbol is safe to print: a stranger's that could be taken for something
 * else, such as for ASSAY, stands in quotation marks, with the token's address.
 */
export interface Token extends TokenUnit {
  address: Address
  /** Why amounts of it can't be typed. Then they are shown in its smallest unit. */
  fault?: string
}

const MOST_DECIMALS = 36
/** Enough for any honest token, and little for one whose functions never end. */
const GAS = 500_000n
const MOST_ANSWER_BYTES = 4_096
const LONGEST_SYMBOL = 20
/** Symbols that need no quotation marks: they can't be taken for digits or for words of a sentence. */
const USUAL_SYMBOL = /^[A-Za-z$][A-Za-z0-9$.+_-]{0,19}$/
/** What other tokens' symbols are compared with, in capital letters. */
const OUR_SYMBOLS: readonly string[] = ['ASSAY', 'ETH', 'ETHER', 'GWEI', 'WEI']
/** Digits and signs that look like letters of these. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '4': 'A',
  '@': 'A',
  '5': 'S',
  $: 'S',
  '3': 'E',
  '1': 'I',
}

/** Reads a token, whatever it is. @throws AssayError when the node doesn't answer */
export async function readToken(reader: AssayReader, address: Address): Promise<Token> {
  if (address.toLowerCase() === reader.deployment.contracts.assayToken.toLowerCase())
    return { ...ASSAY, address }
  const [symbol, decimals] = await Promise.all([
    ask(reader, address, 'symbol').then(textIn),
    ask(reader, address, 'decimals').then(numberIn),
  ])
  const name = nameOf(symbol, address)
  if (decimals !== undefined && decimals <= BigInt(MOST_DECIMALS)) {
    return { symbol: name, decimals: Number(decimals), address }
  }
  const fault =
    decimals === undefined
      ? 'does not say how many decimals it has'
      : `says that it has ${plainText(`${decimals}`, 12)} decimals, but only 0 to ${MOST_DECIMALS} can be`
  return { symbol: `wei of ${name}`, decimals: 0, address, fault }
}

/** The token that a task pays in. @throws AssayError when there is no such task */
export async function rewardTokenOf(reader: AssayReader, taskId: bigint): Promise<Token> {
  const params = await readTaskParams(reader, { taskId })
  return readToken(reader, params.rewardToken)
}

/** The token that a new task is to pay in. @throws CliError when there is none, or amounts of it can't be typed */
export async function requireToken(reader: AssayReader, address: Address): Promise<Token> {
  const { chain, deployment } = reader
  if ((await chain.getCode({ address })) === undefined) {
    throw new CliError(
      'failed',
      `There is no token at ${address} on ${deployment.network}.`,
      'Give rewardToken the address of an ERC-20 there, or ASSAY.',
    )
  }
  const token = await readToken(reader, address)
  if (token.fault === undefined) return token
  throw new CliError(
    'failed',
    `The token ${address} can't be a task's reward: it ${token.fault}.`,
    'Give rewardToken the address of another ERC-20, or ASSAY.',
  )
}

/** Reads an amount of a token. @throws CliError when it isn't one, or nobody knows the token's decimals */
export function parseTokenAmount(text: string, token: Token): bigint {
  if (token.fault === undefined || text.trim().endsWith('wei')) return parseAmount(text, token)
  throw new CliError(
    'failed',
    `The amount "${plainText(text)}" means nothing: the token ${token.address} ${token.fault}.`,
    'Give it in the smallest unit, such as 1000wei.',
  )
}

/** What a function of a token returns; undefined if it has none, refuses, or never ends. */
async function ask(
  { chain }: AssayReader,
  to: Address,
  functionName: 'symbol' | 'decimals',
): Promise<Hex | undefined> {
  try {
    const { data } = await chain.call({
      to,
      data: encodeFunctionData({ abi: erc20Abi, functionName }),
      gas: GAS,
    })
    return data !== undefined && size(data) <= MOST_ANSWER_BYTES ? data : undefined
  } catch (error) {
    const failure = decodeFailure(error)
    // Nodes tell of a call that needs too much gas in words of their own: ask them something that can't fail.
    if (failure.kind === 'transient') await chain.getChainId().catch(() => throwFailure(failure))
    return undefined
  }
}

function throwFailure(failure: ReturnType<typeof decodeFailure>): never {
  throw new AssayError(failure)
}

/** A string, or the letters of bytes32, as older tokens return them. */
function textIn(data: Hex | undefined): string | undefined {
  if (data === undefined) return undefined
  try {
    const text =
      size(data) === 32
        ? new TextDecoder().decode(hexToBytes(data)).replace(/\0+$/, '')
        : decodeAbiParameters([{ type: 'string' }], data)[0]
    return text === '' ? undefined : text
  } catch {
    return undefined
  }
}

function numberIn(data: Hex | undefined): bigint | undefined {
  return data === undefined || size(data) < 32 ? undefined : hexToBigInt(slice(data, 0, 32))
}

/** How a token that isn't the protocol's is called. */
function nameOf(symbol: string | undefined, address: Address): string {
  const place = `${address.slice(0, 6)}…${address.slice(-4)}`
  if (symbol === undefined) return `tokens of ${place}`
  const letters = symbol.replaceAll(/./gu, (letter) => LOOKALIKES[letter] ?? letter).toUpperCase()
  const isOurs = OUR_SYMBOLS.includes(letters.replaceAll(/[^A-Z]/g, ''))
  if (!isOurs && USUAL_SYMBOL.test(symbol)) return symbol
  // Letters of other scripts look like ours.
  const shown = plainText(symbol, LONGEST_SYMBOL).replaceAll(
    /(?=\P{ASCII})[\p{L}\p{N}]/gu,
    (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`,
  )
  return `"${shown}" (${isOurs ? 'not the real one, ' : ''}${place})`
}
