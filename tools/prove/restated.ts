import { LANES, withLanes } from './lanes.ts'
import { WORDS, withFields } from './words.ts'

/**
 * What the solver can't follow, said so that it can: it knows nothing of inline assembly. Each text is replaced by one that means the same;
 * `restated.test.ts` runs both on the same inputs.
 */
const RESTATED: Record<string, readonly [text: string, instead: string][]> = {
  '@openzeppelin/contracts/utils/math/Math.sol': [
    ['return b ^ ((a ^ b) * SafeCast.toUint(condition));', 'return condition ? a : b;'],
  ],
  '@openzeppelin/contracts/utils/math/SafeCast.sol': [
    ['assembly ("memory-safe") {\n            u := iszero(iszero(b))\n        }', 'u = b ? 1 : 0;'],
  ],
}

/** Names of sources that are said in other words, and not only end at errors. */
export const RESTATED_NAMES = [...Object.keys(RESTATED), ...WORDS, LANES]

/** Names of sources whose lanes are read and written as numbers. */
const WITH_LANES = [LANES, 'test/properties/Medians.sol']

/**
 * The source as the solver gets it.
 *
 * @param name of the source, as imports resolve to it
 * @param reader `solver`, or `chain` for a text that can be run: packed words are real ones there, and what the solver only assumes of them
 *   is required
 * @throws if a text isn't there any more
 */
export function restated(name: string, source: string, reader: 'solver' | 'chain' = 'solver'): string {
  let result = source
  for (const [text, instead] of RESTATED[name] ?? []) {
    if (!result.includes(text)) throw new Error(`${name} has no longer: ${text}`)
    result = result.replace(text, () => instead)
  }
  // The solver goes on after an error of one's own, and stops at one without a name.
  result = result.replaceAll(/\brevert [\w.]+\([^;]*\);/g, 'revert();')
  if (WITH_LANES.includes(name)) return withLanes(name, result, reader)
  return WORDS.includes(name) ? withFields(name, result, reader) : result
}
