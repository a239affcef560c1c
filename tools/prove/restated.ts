/**
 * What the solver can't follow, said so that it can: it knows nothing of inline assembly, and hardly comes to an end with single bits. Each
 * text is replaced by one that means the same. What is proved holds for the contracts as far as these texts do, and a test compares them.
 */
const RESTATED: Record<string, readonly [text: string, instead: string][]> = {
  '@openzeppelin/contracts/utils/math/Math.sol': [
    ['return b ^ ((a ^ b) * SafeCast.toUint(condition));', 'return condition ? a : b;'],
  ],
  '@openzeppelin/contracts/utils/math/SafeCast.sol': [
    ['assembly ("memory-safe") {\n            u := iszero(iszero(b))\n        }', 'u = b ? 1 : 0;'],
  ],
  // A field's lowest number and its size, as numbers, instead of its place and width in bits.
  'contracts/types/Bits.sol': [
    [
      'library Bits {\n',
      `library Bits {
    function putAt(uint256 word, uint256 unit, uint256 size, uint256 value) internal pure returns (uint256) {
        unchecked {
            return word - ((word / unit) % size) * unit + (value % size) * unit;
        }
    }

    function fitBelow(uint256 value, uint256 size) internal pure returns (uint256) {
        if (value >= size) refuse(value, 0);
        return value;
    }
`,
    ],
  ],
  // The three fields don't overlap: each was made to fit.
  'contracts/types/StakeWord.sol': [
    ['(uint256(activeWei.toUint96()) << ACTIVE_OFFSET) |', 'uint256(activeWei.toUint96()) +'],
    [
      '(uint256(unbondingWei.toUint96()) << UNBONDING_OFFSET) |',
      'uint256(unbondingWei.toUint96()) * 2 ** 96 +',
    ],
    [
      '(uint256(availableAtSeconds.toUint40()) << AVAILABLE_AT_OFFSET)',
      'uint256(availableAtSeconds.toUint40()) * 2 ** 192',
    ],
    [
      'StakeWord.unwrap(self) & ~(uint256(type(uint96).max) << ACTIVE_OFFSET)',
      'StakeWord.unwrap(self) - active(self)',
    ],
    [
      'rest | (uint256((active(self) + amountWei).toUint96()) << ACTIVE_OFFSET)',
      'rest + uint256((active(self) + amountWei).toUint96())',
    ],
    ['StakeWord.wrap(active(self) << ACTIVE_OFFSET)', 'StakeWord.wrap(active(self))'],
  ],
}

/**
 * The source as the solver gets it.
 *
 * @param name of the source, as imports resolve to it
 * @throws if a text isn't there any more
 */
export function restated(name: string, source: string): string {
  let result = source
  for (const [text, instead] of RESTATED[name] ?? []) {
    if (!result.includes(text)) throw new Error(`${name} has no longer: ${text}`)
    result = result.replace(text, () => instead)
  }
  // The solver goes on after an error of one's own, and stops at one without a name.
  result = result.replaceAll(/\brevert [\w.]+\([^;]*\);/g, 'revert();')
  return name.startsWith('contracts/types/') ? withNumbers(result) : result
}

/** A packed word's source with quotients instead of shifts, and numbers instead of places and widths of fields. */
function withNumbers(source: string): string {
  const bits = new Map(
    [...source.matchAll(/constant (\w+_(?:OFFSET|BITS)) = (\d+);/g)].map(([, name, bits]) => [
      name!,
      `2 ** ${bits}`,
    ]),
  )
  const numberOf = (name: string) => bits.get(name) ?? name
  return source
    .replaceAll(/>> (\w+_(?:OFFSET|BITS))\b/g, (text, name: string) =>
      bits.has(name) ? `/ ${numberOf(name)}` : text,
    )
    .replaceAll(
      /\.put\((\w+_OFFSET), (\w+_BITS), /g,
      (_, offset: string, width: string) => `.putAt(${numberOf(offset)}, ${numberOf(width)}, `,
    )
    .replaceAll(/\.fit\((\w+_BITS)\)/g, (_, width: string) => `.fitBelow(${numberOf(width)})`)
}
