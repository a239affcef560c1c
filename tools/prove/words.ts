/**
 * Packed words for a solver that hardly comes to an end with single bits. It takes what stands from a bit on for any function of word and
 * place, and a word that is written for any number of which only its fields are known. So what is proved holds for the real bits too.
 */
interface Field {
  name: string
  offset: string
  bits: number
}

/** A field wider than this isn't read by a place: the stand-in gives 160 bits. */
const MOST_BITS = 160

/** The words that properties read or write. */
export const WORDS = ['CaseWord', 'RoundTermsWord', 'RoundWord', 'StakeWord'].map(
  (name) => `contracts/types/${name}.sol`,
)

/** Writes of single words that don't go through `Bits.put`. */
const WRITES: Record<string, readonly [text: string, instead: string][]> = {
  'contracts/types/StakeWord.sol': [
    [
      `        return
            StakeWord.wrap(
                (uint256(activeWei.toUint96()) << ACTIVE_OFFSET) |
                    (uint256(unbondingWei.toUint96()) << UNBONDING_OFFSET) |
                    (uint256(availableAtSeconds.toUint40()) << AVAILABLE_AT_OFFSET)
            );`,
      `        uint256 word = ANY(
            (uint256(activeWei.toUint96()) << ACTIVE_OFFSET) |
                (uint256(unbondingWei.toUint96()) << UNBONDING_OFFSET) |
                (uint256(availableAtSeconds.toUint40()) << AVAILABLE_AT_OFFSET);
            activeWei);
        require(activeWei < 2 ** 96 && unbondingWei < 2 ** 96 && availableAtSeconds < 2 ** 40);
        require(AT(word, 0, 96) == activeWei && AT(word, 96, 96) == unbondingWei);
        require(AT(word, 192, 40) == availableAtSeconds);
        return StakeWord.wrap(word);`,
    ],
    [
      `        uint256 rest = StakeWord.unwrap(self) & ~(uint256(type(uint96).max) << ACTIVE_OFFSET);
        return StakeWord.wrap(rest | (uint256((active(self) + amountWei).toUint96()) << ACTIVE_OFFSET));`,
      '        return pack(active(self) + amountWei, unbonding(self), availableAt(self));',
    ],
    [
      '        return StakeWord.wrap(active(self) << ACTIVE_OFFSET);',
      '        return pack(active(self), 0, 0);',
    ],
  ],
  // One sum instead of calls in calls.
  'contracts/types/RoundTermsWord.sol': [
    ['return sealedAt + openSeconds(self);', endAfter(32)],
    ['return openEnd(self, sealedAt) + commitSeconds(self);', endAfter(32, 64)],
    ['return commitEnd(self, sealedAt) + revealSeconds(self);', endAfter(32, 64, 96)],
    ['return revealEnd(self, sealedAt) + commitSeconds(self);', endAfter(32, 64, 96, 64)],
    ['return redrawCommitEnd(self, sealedAt) + revealSeconds(self);', endAfter(32, 64, 96, 64, 96)],
  ],
  'contracts/types/CaseWord.sol': [
    [
      'CaseWord.unwrap(withReadyAt(self, readyAt_)) | SUSPENDED',
      'CaseWord.unwrap(withReadyAt(self, readyAt_)).put(SUSPENDED_OFFSET, SUSPENDED_BITS, 1)',
    ],
    ['CaseWord.unwrap(self) | CLOSED', 'CaseWord.unwrap(self).put(CLOSED_OFFSET, CLOSED_BITS, 1)'],
    ['isFeeCut_ ? word | FEE_CUT : word', 'isFeeCut_ ? word.put(FEE_CUT_OFFSET, FEE_CUT_BITS, 1) : word'],
  ],
}

/** The end of phases whose seconds stand at these places. */
function endAfter(...offsets: number[]): string {
  return `return sealedAt + ${offsets.map((offset) => `AT(RoundTermsWord.unwrap(self), ${offset}, 32)`).join(' + ')};`
}

/**
 * A packed word's library that reads and writes fields instead of bits.
 *
 * @param name of the source
 * @param source of it
 * @param reader `chain` for real words
 * @throws if a write isn't there any more
 */
export function withFields(name: string, source: string, reader: 'solver' | 'chain'): string {
  const fields = fieldsIn(source)
  let result = source
  for (const [text, instead] of WRITES[name] ?? []) {
    if (!result.includes(text)) throw new Error(`${name} has no longer: ${text}`)
    result = result.replace(text, () => instead)
  }
  result = withWrites(withReads(result, fields), fields)
  if (/\.put[A-Z]/.test(result)) {
    const library = `${/^library (\w+)/m.exec(source)![1]}Fields`
    result = result.replace(/^library \w+ \{\n/m, (head) => `${head}    using ${library} for uint256;\n`)
    result += `\nlibrary ${library} {\n${writing(fields)}}\n`
  }
  return standing(result, reader)
}

/**
 * Puts what the reader gets where a text has AT(word, offset, width) for a field, and ANY(word; input) for a word that is written. The
 * solver doesn't look into assembly: for it, that gives any number.
 */
export function standing(text: string, reader: 'solver' | 'chain'): string {
  const isChain = reader === 'chain'
  return text
    .replaceAll(/\bSAME\((\w+), (\w+), (\d+), (\d+)\)/g, (_, one: string, other: string, at, width) =>
      isChain
        ? `AT(${one}, ${at}, ${width}) == AT(${other}, ${at}, ${width})`
        : `${anyOf(one, at, width)} == ${anyOf(other, at, width)}`,
    )
    .replaceAll(
      /\bAT\(((?:[\w.]|\(\w+\))+), (\w+), (\d+)\)/g,
      (_, word: string, offset: string, width: string) =>
        isChain
          ? `((${word} >> ${offset}) & ${2n ** BigInt(width) - 1n})`
          : `uint256(uint160(${anyOf(word, placeOf(offset), width)}))`,
    )
    .replaceAll(
      /(uint256 )?\b(\w+) = ANY\(\s*([^;]*);\s*(\w+)\);/g,
      (_, declared = '', word: string, real: string, input: string) =>
        isChain
          ? `${declared}${word} = ${real};`
          : `${declared && `${declared}${word};\n        `}assembly ("memory-safe") { ${word} := ${input} }`,
    )
}

/** Any function of a word and a place. A number that is written as the word that it is needs no conversion. */
function anyOf(word: string, place: string, width: string): string {
  return `ecrecover(bytes32(${word}), ${place}, 0x${BigInt(width).toString(16).padStart(64, '0')}, 0)`
}

function placeOf(offset: string): string {
  return /^\d+$/.test(offset) ? offset : `uint8(${offset})`
}

function fieldsIn(source: string): Field[] {
  const numbers = new Map(
    [...source.matchAll(/constant (\w+_(?:OFFSET|BITS)) = (\d+);/g)].map(([, name, bits]) => [name!, bits!]),
  )
  return [...numbers]
    .filter(([name]) => name.endsWith('_OFFSET') && numbers.has(name.replace(/OFFSET$/, 'BITS')))
    .map(([name, offset]) => ({
      name: name.replace(/_OFFSET$/, ''),
      offset,
      bits: Number(numbers.get(name.replace(/OFFSET$/, 'BITS'))),
    }))
    .filter(({ bits }) => bits <= MOST_BITS)
}

function withReads(source: string, fields: readonly Field[]): string {
  let result = source
  for (const { name, offset, bits } of fields) {
    const word = `(\\w+\\.unwrap\\(self\\))`
    const read = `AT($1, ${offset}, ${bits})`
    result = result
      .replaceAll(
        new RegExp(
          `(returns \\(uint256\\) \\{\\n\\s+return )uint${bits}\\(${word.replace('$1', '')} >> ${name}_OFFSET\\)`,
          'g',
        ),
        `$1${read.replace('$1', '$2')}`,
      )
      .replaceAll(new RegExp(`\\buint${bits}\\(${word} >> ${name}_OFFSET\\)`, 'g'), `uint${bits}(${read})`)
      .replaceAll(
        new RegExp(`\\(${word} >> ${name}_OFFSET\\) & \\(\\(1 << ${name}_BITS\\) - 1\\)`, 'g'),
        read,
      )
    if (bits === 1)
      result = result
        .replaceAll(new RegExp(`\\(${word} >> ${name}_OFFSET\\) & 1 == 1`, 'g'), `${read} == 1`)
        .replaceAll(new RegExp(`${word} & ${name} != 0`, 'g'), `${read} == 1`)
  }
  return result
}

function withWrites(source: string, fields: readonly Field[]): string {
  return source.replaceAll(/\.put\(\s*(\w+)_OFFSET,\s*\1_BITS,\s*/g, (text, written: string) =>
    fields.some(({ name }) => name === written) ? `.put${written}(` : text,
  )
}

/** One function for each field: a solver needs longer for one that asks which field it is. */
function writing(fields: readonly Field[]): string {
  return fields.map((written) => writingOf(written, fields)).join('\n')
}

function writingOf({ name, offset, bits }: Field, fields: readonly Field[]): string {
  const known = fields.map((field) =>
    field.name === name
      ? `        require(AT(changed, ${offset}, ${bits}) == value % 2 ** ${bits});\n`
      : `        require(SAME(changed, word, ${field.offset}, ${field.bits}));\n`,
  )
  return `    function put${name}(uint256 word, uint256 value) internal pure returns (uint256 changed) {
        changed = ANY(Bits.put(word, ${offset}, ${bits}, value); word);
${known.join('')}    }
`
}
