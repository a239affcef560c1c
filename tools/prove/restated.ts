import { LANES, withLanes } from './lanes.ts'
import { NARROWED, narrowed, PLAIN } from './narrow.ts'
import { doubled, setOf, tableOf } from './tables.ts'
import { WORDS, withFields } from './words.ts'

/** The contract that is said in other words. */
export const OFFENCES = 'contracts/court/Offences.sol'

/**
 * What the solver can't follow, said so that it can: it knows nothing of inline assembly. Each text is replaced by one that means the same;
 * `restated.test.ts` runs both on the same inputs.
 */
const RESTATED: Record<
  string,
  readonly (readonly [text: string, instead: string | ((source: string) => string)])[]
> = {
  '@openzeppelin/contracts/utils/math/Math.sol': [
    ['return b ^ ((a ^ b) * SafeCast.toUint(condition));', 'return condition ? a : b;'],
  ],
  '@openzeppelin/contracts/utils/math/SafeCast.sol': [
    ['assembly ("memory-safe") {\n            u := iszero(iszero(b))\n        }', 'u = b ? 1 : 0;'],
  ],
  'contracts/libraries/Penalties.sol': [
    ['(FIRST_SHARES >> (16 * number)) & 0xffff', (source) => tableOf(source, 'FIRST_SHARES')],
    ['(ALWAYS_FIRST >> number) & 1 == 1', (source) => setOf(source, 'ALWAYS_FIRST')],
    ['first << before', () => doubled('first', 'before', 8)],
  ],
  // A reference to storage may be one to anything for the solver: what is written through it changes all.
  [OFFENCES]: [
    [
      '(_wordOf(kind, taskId, round / SPAN, defendant).rounds >> (round % SPAN)) & 1 == 1',
      'OffencesNarrow.isSet(_wordOf(kind, taskId, round / SPAN, defendant).rounds, round % SPAN)',
    ],
    [
      'Punished storage word = _wordOf(facts.kind, facts.taskId, facts.round / SPAN, defendant);',
      `bytes32 key = KEY(facts.kind, facts.taskId, defendant, (facts.round / SPAN));
        Punished memory word = _punished[key];`,
    ],
    [
      '(word.base, word.rounds) = (uint96(first), uint160(rounds | (1 << (facts.round % SPAN))));',
      `rounds = OffencesNarrow.withBit(rounds, facts.round % SPAN, _watched);
        _punished[key] = Punished(uint96(first), uint160(rounds));`,
    ],
    ['keccak256(abi.encode(kind, taskId, defendant, span))', 'KEY(kind, taskId, defendant, span)'],
    ['keccak256(abi.encode(kind, taskId, round, defendant))', 'KEY(kind, taskId, defendant, round)'],
    ['mapping(bytes32 key => Punished)', 'uint256 internal _watched;\n    mapping(bytes32 key => Punished)'],
  ],
}

/** Names of libraries that are said in other words, and not only end at errors. */
export const RESTATED_NAMES = [
  ...Object.keys(RESTATED).filter((name) => name !== OFFENCES),
  ...WORDS,
  LANES,
  ...Object.keys(PLAIN),
]

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
    result = result.replace(text, () => (typeof instead === 'string' ? instead : instead(source)))
  }
  // The solver goes on after an error of one's own, and stops at one without a name.
  result = result.replaceAll(/\brevert [\w.]+\([^;]*\);/g, 'revert();')
  result = result.replaceAll(/\bemit [\w.]+\([^;]*\);/g, silenced)
  // After a branch that ends, it takes what holds twice, once for each way.
  result = result.replaceAll(
    /\bif \(((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*)\) (?:revert\(\);|\{\s*revert\(\);\s*\})(?!\s*else\b)/g,
    'require(!($1));',
  )
  if (WITH_LANES.includes(name)) return withLanes(name, result, reader)
  if (NARROWED.includes(name) || PLAIN[name]) return narrowed(name, result, reader)
  return WORDS.includes(name) ? withFields(name, result, reader) : result
}

/** What is told to others changes nothing. @throws if it does */
function silenced(told: string): string {
  if (/\+\+|--|[^=!<>]=[^=]/.test(told)) throw new Error(`this changes something: ${told}`)
  return '{}'
}
