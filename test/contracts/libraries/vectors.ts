import { SamplingError } from '@assay/sdk/protocol/sampling.ts'
import { CASES } from './cases/cases.ts'
import { drawsFrom } from './draws.ts'
import type { Answer } from './solidity.ts'

const PER_FUNCTION = 8

/** One call of a library function; `result` is null where it refuses. Numbers are decimal text. */
export type Vector = { name: string; args: unknown[]; result: string[] | null }

/** The vectors of test/vectors/libraries.json: few, fixed, and readable from any language. */
export function fixedVectors(): { about: string; vectors: Vector[] } {
  const vectors = CASES.flatMap(({ name, draw }) => {
    const draws = drawsFrom(`assay vectors 1 ${name}`)
    return Array.from({ length: PER_FUNCTION }, () => {
      const { args, twin } = draw(draws)
      return { name, args: args.map(asText), result: answerOf(twin) ?? null }
    })
  })
  return { about: 'Arguments and results of the functions in test/solidity/fixtures/Libraries.sol', vectors }
}

/** A TypeScript twin's answer, in the form of Solidity's. */
export function answerOf(twin: () => unknown[]): Answer {
  try {
    return twin().map(String)
  } catch (error) {
    if (error instanceof SamplingError || error instanceof RangeError) return undefined
    throw error
  }
}

function asText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asText)
  return typeof value === 'number' || typeof value === 'bigint' ? value.toString() : value
}
