import { standing } from './words.ts'

/**
 * Numbers that are cut, and single bits at any place of a word, said without bits: a solver doesn't come to an end with numbers that it has
 * to take for both. What is cut is the remainder. Whether a bit is set is any function of word and place, and a word with one more
 * bit is any number of which only two places are known, the set one and one that is watched. What is proved for any watched place holds
 * for all of them.
 */
export const NARROWED = [
  '@openzeppelin/contracts/utils/math/SafeCast.sol',
  'contracts/court/Bonds.sol',
  'contracts/court/Offences.sol',
]

/** Texts that stand for a library: what the restated one is compared with. */
export const PLAIN: Record<string, string> = {
  'tools/prove/Narrow.sol': `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

library Narrow {
    function to96(uint256 value) internal pure returns (uint96 cut) {
        return uint96(value);
    }

    function isSet(uint256 word, uint256 place) internal pure returns (bool) {
        return (word >> place) & 1 == 1;
    }

    function withBit(uint256 word, uint256 place, uint256 watched) internal pure returns (uint256 changed) {
        return word | (1 << place);
    }
}
`,
}

const BITS = `
    function isSet(uint256 word, uint256 place) internal pure returns (bool) {
        return BIT(word, place);
    }

    function withBit(uint256 word, uint256 place, uint256 watched) internal pure returns (uint256 changed) {
        changed = ANY(word | (1 << place); word);
        require(changed < 2 ** 160 && BIT(changed, place));
        require(BIT(changed, watched) == (watched == place || BIT(word, watched)));
    }
`

/**
 * A text that cuts numbers and reads and sets bits without the bits.
 *
 * @param source of a contract or a library, or a name of {@link PLAIN}
 * @param reader `chain` for real bits
 */
export function narrowed(name: string, source: string, reader: 'solver' | 'chain'): string {
  if (PLAIN[name]) return written(`library Narrow {${cutTo('96')}${BITS}}\n`, reader)
  const library = `${/^(?:abstract contract|library) (\w+)/m.exec(source)![1]}Narrow`
  const widths = new Set<string>()
  const result = source.replaceAll(/(?<!function )\buint(\d+)\(/g, (text, width: string) => {
    if (width === '256') return text
    widths.add(width)
    return `${library}.to${width}(`
  })
  return written(`${result}\nlibrary ${library} {${[...widths].map(cutTo).join('')}${BITS}}\n`, reader)
}

function cutTo(width: string): string {
  return `
    function to${width}(uint256 value) internal pure returns (uint${width} cut) {
        cut = ANY(uint${width}(value); value);
        require(cut == value % 2 ** ${width});
    }
`
}

function written(text: string, reader: 'solver' | 'chain'): string {
  const bit = (_: string, word: string, place: string) =>
    reader === 'chain'
      ? `((${word} >> ${place}) & 1 == 1)`
      : `(uint256(uint160(ecrecover(bytes32(${word}), 31, bytes32(${place}), 0))) == 1)`
  const key = (_: string, kind: string, taskId: string, account: string, number: string) =>
    reader === 'chain'
      ? `keccak256(abi.encode(${kind}, ${taskId}, ${account}, uint256(${number})))`
      : `bytes32(uint256(uint160(ecrecover(bytes32(uint256(uint160(${account}))), 33, bytes32(uint256(${taskId})), bytes32(16 * uint256(${number}) + uint256(${kind}))))))`
  const keyed = text.replaceAll(/\bKEY\(([\w.]+), ([\w.]+), (\w+), (\w+|\([^)]*\))\)/g, key)
  return standing(keyed.replaceAll(/\bBIT\((\w+), (\w+)\)/g, bit), reader)
}
