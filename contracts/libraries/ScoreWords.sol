// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The layout of a score sheet
/// @notice A seat's sheet for one cohort is two words of eight 32-bit entries. Entry j is about the cohort's member j
/// and stands in word j / 8 at bit 32·(j mod 8).
///
///     quality  0…10,000 bps; 16,380 = no decision; 16,381 = the task's fault; 16,382 = a gate failed;
///              16,383 = not audited
///     rarity   0…10,000, in units of 2 bps
///     windows  its two lower bits: 0…2, replayed without a miss; 3 = a replay was tried and differs
///              its bit 2: of the windows of the seat before this one, some were withheld from this seat too
///              its bit 3: the same of the seat before that one
///
/// Without a quality above 0, rarity is the number of a reason, below 16. No verdict depends on it. Some reasons can be
/// proved: they follow from the chain, public draws, and bytes that the update's sender committed to.
///
///     quality      rarity  says                                                          can be proved
///     1…10,000             scored, with that rarity                                      yes
///     0            0       scored: it doesn't help                                       yes
///     0            1       not scored: this seat was shown none of its own windows       no
///     gate failed  0       S0: no opening, no update, or an opening of something else    no
///     gate failed  1       S1: the update that is there isn't what was committed to      yes
///     gate failed  2       S2: a copy                                                    no
///     gate failed  3       S3: an outlier. No oracle says so                             no
///     gate failed  4       S4: the task's graph fails on the update                      yes
///     gate failed  5       S5: a replay ended in another state                           yes, windows = 3
///     gate failed  6       S5: the samples shown are the held-out pool's                 yes, windows = 3
///     gate failed  7       S5: the task's graph fails on the samples shown               yes, windows = 3
///     gate failed  8       S5: the targets of the samples shown can't be true            no
///     no decision  0       audited, but its score can't be told from any other           yes
///     task's fault 0       the task's own files keep the seat from judging it            yes
///     not audited  0       passed S0, S1 and S2, and wasn't drawn                        S1
///     not audited  1       could not be looked at in time                                no
///
/// Windows and withheld windows are told of scored entries and with no decision, windows also with a task's fault;
/// elsewhere they are zero, but for windows = 3. Anything else is an unknown reason: it counts as its quality and windows
/// say, and proves nothing.
///
/// A task draws at most six windows, and a committee has at least three seats: no seat replays more than two.
/// Entries beyond the cohort's size are zero. Twins: `sdk/protocol/score-words.ts`, `sdk/protocol/entry-reasons.ts`.
library ScoreWords {
    /// Layout of an entry, the lowest bits first; twin: SCORE_ENTRY in `sdk/protocol/words.ts`.
    uint256 internal constant QUALITY_OFFSET = 0;
    uint256 internal constant QUALITY_BITS = 14;
    uint256 internal constant RARITY_OFFSET = 14;
    uint256 internal constant RARITY_BITS = 14;
    uint256 internal constant WINDOWS_OFFSET = 28;
    uint256 internal constant WINDOWS_BITS = 4;
    /// Bits of an entry.
    uint256 internal constant ENTRY_BITS = 32;

    uint256 internal constant MAX_QUALITY = 10_000;
    /// Audited, but no score can be told from another: the contributor's running values stand in for Q and R.
    uint256 internal constant NO_DECISION = 16_380;
    /// The task's own files keep the seat from judging the update.
    uint256 internal constant TASK_FAULT = 16_381;
    uint256 internal constant GATE_FAILED = 16_382;
    uint256 internal constant NOT_AUDITED = 16_383;
    /// In units of RARITY_UNIT bps.
    uint256 internal constant MAX_RARITY = 10_000;
    uint256 internal constant RARITY_UNIT = 2;
    /// In units of RARITY_UNIT bps. A settled rarity below this is none: such numbers are reasons.
    uint256 internal constant LEAST_RARITY = 16;
    /// The reason S1 of an entry that failed a gate.
    uint256 internal constant UPDATE_REFUSED = 1;
    /// The reason "false targets" of an entry that failed a gate.
    uint256 internal constant FALSE_TARGETS = 8;
    uint256 internal constant MISSED = 3;
    uint256 internal constant ENTRIES_PER_WORD = 8;
    /// 1 in each of eight 32-bit lanes, and the highest bit of each lane.
    uint256 private constant LANES = 0x0000000100000001000000010000000100000001000000010000000100000001;
    uint256 private constant HIGH = 0x8000000080000000800000008000000080000000800000008000000080000000;
    /// The bits of each field in eight lanes, once it is shifted to their lowest bits.
    uint256 internal constant QUALITY_LANES = 0x00003fff00003fff00003fff00003fff00003fff00003fff00003fff00003fff;
    uint256 internal constant RARITY_LANES = 0x00003fff00003fff00003fff00003fff00003fff00003fff00003fff00003fff;
    uint256 internal constant WINDOWS_LANES = 0x0000000f0000000f0000000f0000000f0000000f0000000f0000000f0000000f;
    /// Returned by `firstInvalid` if every entry is valid.
    uint256 internal constant NONE = type(uint256).max;

    /// @notice Entry j of a sheet, 32 bits.
    /// @param word0 entries 0…7
    /// @param word1 entries 8…15
    /// @param j member of the cohort, 0…15
    /// @return the entry
    function entryAt(uint256 word0, uint256 word1, uint256 j) internal pure returns (uint256) {
        return ((j < ENTRIES_PER_WORD ? word0 : word1) >> (ENTRY_BITS * (j % ENTRIES_PER_WORD))) & 0xffffffff;
    }

    /// @notice Whether an entry has a value that anybody can compute again from public draws and from bytes that the
    /// update's sender committed to: a score, no decision, or that the update itself is refused (S1).
    /// @param entry 32 bits
    /// @return false for all others: what a seat was shown, and when, is known to that seat alone
    function isComputed(uint256 entry) internal pure returns (bool) {
        uint256 quality = entry & 0x3fff;
        uint256 reason = (entry >> RARITY_OFFSET) & 0x3fff;
        if (quality == 0) return reason == 0;
        // Whatever its reason: jurors give the only one that there is.
        if (quality == NO_DECISION) return true;
        return quality <= MAX_QUALITY || (quality == GATE_FAILED && reason == UPDATE_REFUSED);
    }

    /// @notice Whether an entry of this quality comes from an audit, so that it tells of windows.
    /// @param quality of an entry
    /// @return true for a score, and for no decision
    function isFromAudit(uint256 quality) internal pure returns (bool) {
        return quality <= MAX_QUALITY || quality == NO_DECISION;
    }

    /// @notice The value of an entry that jurors compute again: quality and rarity, with the highest bit set so that it
    /// is none of the answers with a meaning of their own.
    /// @param entry 32 bits
    /// @return the value
    function accusedValue(uint256 entry) internal pure returns (bytes32) {
        return bytes32((1 << 255) | (entry & ((1 << WINDOWS_OFFSET) - 1)));
    }

    /// @notice Swaps rows and columns of eight words of eight entries: entry j of word i becomes entry i of word j.
    /// @dev Swaps quarters of 4 × 4 entries, in each of them quarters of 2 × 2, in these single entries. An entry has as
    /// many bits as a word has bytes, so that one number moves lanes and rows. The next word without the bit `half` in
    /// its number is the one after a carry over that bit.
    /// @param words in memory, replaced
    /// @param first index of the first of the eight words, at most `words.length` − 8: it isn't checked
    function transpose(uint256[32] memory words, uint256 first) internal pure {
        assembly ("memory-safe") {
            let start := add(words, shl(5, first))
            let mask := 0xffffffffffffffffffffffffffffffff
            for {
                let half := 128
            } gt(half, 16) {
                half := shr(1, half)
            } {
                for {
                    let i := 0
                } lt(i, 256) {
                    i := and(add(add(i, half), 32), not(half))
                } {
                    let upper := add(start, i)
                    let lower := add(upper, half)
                    let x := mload(upper)
                    let y := mload(lower)
                    let swapped := and(xor(shr(half, x), y), mask)
                    mstore(upper, xor(x, shl(half, swapped)))
                    mstore(lower, xor(y, swapped))
                }
                mask := xor(mask, shl(shr(1, half), mask))
            }
        }
    }

    /// @notice Whether quality and rarity are in their ranges.
    /// @param entry in the low 32 bits; the other bits are ignored
    /// @return false for qualities 10,001…16,379 and rarities above 10,000 units
    function isValid(uint256 entry) internal pure returns (bool) {
        uint256 quality = entry & 0x3fff;
        return (quality <= MAX_QUALITY || quality >= NO_DECISION) && ((entry >> RARITY_OFFSET) & 0x3fff) <= MAX_RARITY;
    }

    /// @notice Whether every entry of a sheet is valid: the same as `firstInvalid(…) == NONE`, for a tenth of its gas.
    /// @dev Compares the eight 32-bit lanes of a word at once. Quality and rarity have 14 bits, so bit 31 of a
    /// lane is free to catch the borrow of a comparison: it stays set in 2³¹ + a − b exactly when a ≥ b.
    /// @param word0 entries 0…7
    /// @param word1 entries 8…15
    /// @param size members of the cohort, 1…16
    /// @return true if the sheet may be revealed
    function areValid(uint256 word0, uint256 word1, uint256 size) internal pure returns (bool) {
        // A shift by 256 or more gives 0.
        unchecked {
            uint256 beyond =
                size < ENTRIES_PER_WORD
                    ? (word0 >> (ENTRY_BITS * size)) | word1
                    : word1 >> (ENTRY_BITS * (size - ENTRIES_PER_WORD));
            return beyond == 0 && _areInRange(word0) && _areInRange(word1);
        }
    }

    /// @dev Whether all eight entries of a word are valid. An entry of zero is valid.
    function _areInRange(uint256 word) private pure returns (bool) {
        unchecked {
            uint256 quality = word & QUALITY_LANES;
            uint256 rarity = (word >> RARITY_OFFSET) & RARITY_LANES;
            uint256 isScore = (MAX_QUALITY * LANES + HIGH) - quality;
            uint256 isSpecial = (quality | HIGH) - NO_DECISION * LANES;
            uint256 isRarity = (MAX_RARITY * LANES + HIGH) - rarity;
            return (isScore | isSpecial) & isRarity & HIGH == HIGH;
        }
    }

    /// @notice Position of the first entry that is out of range, or that isn't zero beyond the cohort's size. NONE if
    /// every entry is valid.
    /// @param word0 entries 0…7
    /// @param word1 entries 8…15
    /// @param size members of the cohort, 1…16
    /// @return 0…15, or NONE
    function firstInvalid(uint256 word0, uint256 word1, uint256 size) internal pure returns (uint256) {
        uint256 rest = word0;
        for (uint256 j = 0; j < 2 * ENTRIES_PER_WORD; ++j) {
            if (j == ENTRIES_PER_WORD) rest = word1;
            if (j < size ? !isValid(rest) : rest & 0xffffffff != 0) return j;
            rest >>= ENTRY_BITS;
        }
        return NONE;
    }
}
