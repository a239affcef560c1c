import { standing } from './words.ts'

/**
 * Sixteen numbers in the lanes of a word, said as sixteen numbers: a solver hardly comes to an end with single bits. What is written is any
 * word of which only the even lanes are known, those of the first list; the odd ones go the same way. All lanes that are counted at once
 * are any function of word, set and number for the solver: so what is proved holds for the number that they count, too. It holds for
 * numbers below 2¹⁵ and sets of 0 and 1, as the library asks for.
 */
export const LANES = 'contracts/libraries/Lanes.sol'

const PLACES = Array.from({ length: 16 }, (_, i) => 16 * i)

/** How many numbers of a set are at most some number. */
const COUNTED = /\b(?:Lanes\.)?sum\((?:Lanes\.)?atLeast\((\w+) \* (?:Lanes\.)?ONES, (\w+)\) & (\w+)\)/g

const RESTATED: readonly (readonly [text: string, instead: string])[] = [
  ['return (lanes * ONES) >> 240;', 'return SUM(lanes);'],
  ['uint256 needed = (sum(set) + 1) >> 1;', 'uint256 needed = (sum(set) + 1) / 2;'],
  ['if ((set >> shift) & 1 == 0 ||', 'if (uint16(set >> shift) == 0 ||'],
  ['_sorted(lanes | ((set ^ EVEN) * LARGEST_PAIR), count)', '_sorted(filled(lanes, set), count)'],
  [
    `uint256 median = sorted >> (2 * WIDTH * ((sum(set) - 1) >> 1));
            return (median & 0xffff, (median >> WIDTH) & 0xffff);`,
    `uint256 index = (sum(set) - 1) / 2;
            return (numberAt(sorted, index, 0), numberAt(sorted, index, 16));`,
  ],
  [
    `uint256 low = lanes & pairs;
            uint256 high = (lanes >> (2 * WIDTH)) & pairs;
            // All bits of the lanes whose lower number is at least the higher one.
            uint256 swapped = ((((low | highest) - high) >> 15) & ones) * 0xffff;
            uint256 difference = (low ^ high) & swapped;
            return lanes ^ difference ^ (difference << (2 * WIDTH));`,
    'return exchanged(lanes, pairs == EVEN_PAIRS, pairs, ones, highest);',
  ],
]

/** Functions that the restated text calls. The real ones stand in ANY. */
const ADDED = `
    function filled(uint256 lanes, uint256 set) internal pure returns (uint256 word) {
        word = ANY(lanes | ((set ^ EVEN) * LARGEST_PAIR); lanes);
${requiredLanes('word', (at) => `(${lane('set', at)} == 1 ? ${lane('lanes', at)} : 0x7fff)`)}
    }

    function numberAt(uint256 lanes, uint256 index, uint256 above) internal pure returns (uint256) {
        return above == 0 ? ${picked(0)} : ${picked(16)};
    }

    function exchanged(
        uint256 lanes,
        bool isEven,
        uint256 pairs,
        uint256 ones,
        uint256 highest
    ) internal pure returns (uint256 word) {
        word = ANY(exchangedBits(lanes, pairs, ones, highest); lanes);
${requiredLanes('word', (at) => `(isEven ? ${exchangedLane(at, 0)} : ${exchangedLane(at, 32)})`)}
    }
`

/** Bits that ADDED names, and what is counted, for a reader that runs them. */
const BITS = `
    function exchangedBits(
        uint256 lanes,
        uint256 pairs,
        uint256 ones,
        uint256 highest
    ) internal pure returns (uint256) {
        unchecked {
            uint256 low = lanes & pairs;
            uint256 high = (lanes >> (2 * WIDTH)) & pairs;
            uint256 difference = (low ^ high) & (((((low | highest) - high) >> 15) & ones) * 0xffff);
            return lanes ^ difference ^ (difference << (2 * WIDTH));
        }
    }

    function total(uint256 lanes) internal pure returns (uint256 numbers) {
        for (uint256 at = 0; at < 256; at += 16) numbers += uint16(lanes >> at);
    }

    function atMost(uint256 lanes, uint256 set, uint256 number) internal pure returns (uint256 count) {
        for (uint256 at = 0; at < 256; at += 16) if (uint16(set >> at) == 1 && uint16(lanes >> at) <= number) ++count;
    }
`

function lane(word: string, at: number): string {
  return `AT(${word}, ${at}, 16)`
}

function requiredLanes(word: string, value: (at: number) => string): string {
  const even = PLACES.filter((at) => at % 32 === 0)
  return even.map((at) => `        require(${lane(word, at)} == ${value(at)});`).join('\n')
}

/** The number of an index below four; there are no others. */
function picked(above: number): string {
  const cases = [0, 1, 2, 3].map((index) => `index == ${index} ? ${lane('lanes', 32 * index + above)} : `)
  return `(${cases.join('')}0)`
}

/** What a lane holds once neighbours are in order: every second pair of lanes from `first` on has the smaller numbers. */
function exchangedLane(at: number, first: number): string {
  const isLower = at >= first && (at - first) % 64 < 32
  const [low, high] = isLower ? [at, at + 32] : [at - 32, at]
  if (low < first || high > 240) return lane('lanes', at)
  const [one, other] = [lane('lanes', low), lane('lanes', high)]
  return isLower ? `(${one} < ${other} ? ${one} : ${other})` : `(${one} < ${other} ? ${other} : ${one})`
}

/** Any function of words, another one for each kind: no lane stands at an odd place. */
function anyOf(kind: 27 | 29, ...words: string[]): string {
  const [one, other = '0', last = '0'] = words.map((word) => `bytes32(uint256(${word}))`)
  return `uint256(uint160(ecrecover(${one}, ${kind}, ${other}, ${last})))`
}

/**
 * A text that reads, writes and compares lanes instead of bits.
 *
 * @param name of the source
 * @param source of it
 * @param reader `chain` for real words
 * @throws if a text isn't there any more
 */
export function withLanes(name: string, source: string, reader: 'solver' | 'chain'): string {
  let result = source
  if (name === LANES) {
    for (const [text, instead] of RESTATED) {
      if (!result.includes(text)) throw new Error(`${name} has no longer: ${text}`)
      result = result.replace(text, () => instead)
    }
    result = result.replace(/\}\n$/, () => `${ADDED}${reader === 'chain' ? BITS : ''}}\n`)
  }
  const isChain = reader === 'chain'
  result = result
    .replaceAll(COUNTED, (_, number: string, lanes: string, set: string) =>
      isChain ? `atMost(${lanes}, ${set}, ${number})` : anyOf(27, lanes, set, number),
    )
    .replaceAll(/\bSUM\((\w+)\)/g, (_, lanes: string) => (isChain ? `total(${lanes})` : anyOf(29, lanes)))
  return standing(result.replaceAll(/\buint16\((\w+) >> (\w+)\)/g, 'AT($1, $2, 16)'), reader)
}
