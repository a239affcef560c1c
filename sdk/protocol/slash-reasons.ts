/** Why stake is slashed: the twin of contracts/libraries/SlashReasons.sol, which explains each reason. */
import { type Hex, hexToBytes, stringToHex } from 'viem'

/** By name, the word in the registry's event `Slashed`. */
export const SLASH_REASONS = {
  missedDuty: 'missed duty',
  openingWithheld: 'opening withheld',
  falseStep: 'false step',
  windowWithheld: 'window withheld',
  readingFee: 'reading fee',
  falseScore: 'false score',
  falsePass: 'false pass',
  falseAggregate: 'false aggregate',
  falseModel: 'false model',
  updateUnavailable: 'update unavailable',
  twoStatements: 'two statements',
  silentJuror: 'silent juror',
  wrongJuror: 'wrong juror',
} as const

type SlashReasonName = keyof typeof SLASH_REASONS

/** `unknown` is a reason of a later version: `text` is its word, or its bytes in hexadecimal when they are no text. */
export type SlashReason = { name: SlashReasonName } | { name: 'unknown'; text: string }

const PRINTABLE = /^[\x20-\x7e]+$/

/** The 32 bytes of a reason. */
export function encodeSlashReason(name: SlashReasonName): Hex {
  return stringToHex(SLASH_REASONS[name], { size: 32 })
}

/**
 * The reason in 32 bytes of an event.
 *
 * @example decodeSlashReason(encodeSlashReason('missedDuty')) // { name: 'missedDuty' }
 */
export function decodeSlashReason(word: Hex): SlashReason {
  const names = Object.keys(SLASH_REASONS) as SlashReasonName[]
  const name = names.find((one) => encodeSlashReason(one) === word.toLowerCase())
  if (name !== undefined) return { name }
  const text = new TextDecoder().decode(hexToBytes(word)).replace(/\0+$/, '')
  return { name: 'unknown', text: PRINTABLE.test(text) ? text : word }
}
