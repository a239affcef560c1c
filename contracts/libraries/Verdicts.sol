// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTypes} from "../interfaces/IRoundsTypes.sol";
import {Lanes} from "./Lanes.sol";
import {ScoreWords} from "./ScoreWords.sol";

/// @title What a cohort's committee says of one update
/// @notice One drawn seat, one vote. With n revealed seats an entry has one of three classes: audited, gate failed, not audited; the
/// majority class is the one with more than n / 2 votes.
///
///     gate failed has the majority                     → Failed
///     not audited has the majority                     → Unaudited
///     audited and gate failed together have a majority → Audited: Q and R are lower medians over both, a failed gate counts as 0
///     otherwise                                        → Unaudited
///
/// Who agrees with the majority is paid for the entry. Without a majority nobody does: otherwise a seat that invents its scores is paid
/// wherever a silent one leaves it alone with an honest one.
///
/// The seats' numbers stand in the {Lanes} of a word, in the order of the seats that revealed.
library Verdicts {
    using Lanes for uint256;

    /// 12,288: qualities end at 10,000, the two special values lie above it.
    uint256 private constant SPECIAL_BIT = 12;
    /// The fields of an entry, in eight lanes of 32 bits.
    uint256 private constant QUALITIES = 0x00003fff00003fff00003fff00003fff00003fff00003fff00003fff00003fff;
    uint256 private constant RARITIES = 0x00007fff00007fff00007fff00007fff00007fff00007fff00007fff00007fff;
    uint256 private constant WINDOWS = 0x0000000700000007000000070000000700000007000000070000000700000007;
    /// Seats whose numbers all stand in even lanes.
    uint256 private constant EVEN_SEATS = 8;

    /// The sheets of a cohort's revealed seats; the arrays have room for all seats and are reused from cohort to cohort.
    /// @param revealed n, the seats that revealed
    /// @param everyone set of the n seats
    /// @param assigned lanes: replay windows assigned to each of them
    /// @param low the first word of each
    /// @param high the second word of each
    struct Sheets {
        uint256 revealed;
        uint256 everyone;
        uint256 assigned;
        uint256[] low;
        uint256[] high;
    }

    /// @param outcome see above
    /// @param quality Q in bps
    /// @param rarity R in bps, 0 when Q is
    /// @param windows replayed without a miss, of all seats
    /// @param agreeing set of the seats that agree with the outcome
    struct Verdict {
        IRoundsTypes.Outcome outcome;
        uint256 quality;
        uint256 rarity;
        uint256 windows;
        uint256 agreeing;
    }

    /// @notice Room for the sheets of a committee.
    /// @param seatCount k
    /// @return sheets to be filled
    function newSheets(uint256 seatCount) internal pure returns (Sheets memory sheets) {
        sheets.low = new uint256[](seatCount);
        sheets.high = new uint256[](seatCount);
    }

    /// @notice Judges one update.
    /// @param sheets of its cohort
    /// @param j member of the cohort, 0…15
    /// @param verdict overwritten with the result: one memory struct serves all members
    function judge(Sheets memory sheets, uint256 j, Verdict memory verdict) internal pure {
        (uint256 qualities, uint256 rarities, uint256 windows) = _entriesOf(sheets, j);
        uint256 everyone = sheets.everyone;
        (uint256 audited, uint256 gateFailed) = _classesOf(everyone, qualities, windows);
        uint256 voting = audited | gateFailed;
        verdict.outcome = IRoundsTypes.Outcome.Audited;
        verdict.agreeing = everyone;
        (verdict.quality, verdict.rarity, verdict.windows) = (0, 0, 0);
        // When all say "audited" there is nothing to count.
        if (audited != everyone) _judgeClasses(sheets.revealed, audited, gateFailed, verdict);
        if (verdict.outcome != IRoundsTypes.Outcome.Audited) return;

        (qualities, rarities) = (qualities.pick(audited), rarities.pick(audited));
        if (sheets.revealed <= EVEN_SEATS) {
            uint256 both = qualities | (rarities << Lanes.WIDTH);
            (verdict.quality, verdict.rarity) = both.lowerMedians(voting, sheets.revealed);
        } else {
            (verdict.quality, verdict.rarity) = (qualities.lowerMedian(voting), rarities.lowerMedian(voting));
        }
        // Otherwise the second term would pay for noise.
        if (verdict.quality == 0) verdict.rarity = 0;
        _judgeReplay(sheets.assigned, windows, verdict);
    }

    /// @dev Finds the outcome; `verdict.agreeing` comes as the set of all seats and goes as those of the majority class, nobody if there is
    /// none.
    function _judgeClasses(uint256 revealed, uint256 audited, uint256 gateFailed, Verdict memory verdict) private pure {
        uint256 notAudited = verdict.agreeing ^ audited ^ gateFailed;
        unchecked {
            uint256 doubleAudited = 2 * audited.sum();
            uint256 doubleFailed = 2 * gateFailed.sum();
            if (doubleAudited > revealed) verdict.agreeing = audited;
            else if (doubleFailed > revealed) verdict.agreeing = gateFailed;
            else verdict.agreeing = 2 * notAudited.sum() > revealed ? notAudited : 0;

            if (doubleFailed > revealed) verdict.outcome = IRoundsTypes.Outcome.Failed;
            else if (doubleAudited + doubleFailed <= revealed) verdict.outcome = IRoundsTypes.Outcome.Unaudited;
        }
    }

    /// @dev The fields of all seats' entries about member j.
    function _entriesOf(
        Sheets memory sheets,
        uint256 j
    ) private pure returns (uint256 qualities, uint256 rarities, uint256 windows) {
        uint256[] memory words = j < ScoreWords.ENTRIES_PER_WORD ? sheets.low : sheets.high;
        uint256 revealed = sheets.revealed;
        uint256 even = 0;
        uint256 odd = 0;
        // At most fifteen seats and sixteen members: nothing overflows.
        unchecked {
            uint256 shift = ScoreWords.ENTRY_BITS * (j % ScoreWords.ENTRIES_PER_WORD);
            uint256 evenSeats = revealed < EVEN_SEATS ? revealed : EVEN_SEATS;
            for (uint256 i = 0; i < evenSeats; ++i) {
                even |= uint256(uint32(words[i] >> shift)) << (ScoreWords.ENTRY_BITS * i);
            }
            for (uint256 i = EVEN_SEATS; i < revealed; ++i) {
                odd |= uint256(uint32(words[i] >> shift)) << (ScoreWords.ENTRY_BITS * (i - EVEN_SEATS));
            }
        }
        (qualities, rarities, windows) = _fieldsOf(even);
        if (odd == 0) return (qualities, rarities, windows);
        (uint256 oddQualities, uint256 oddRarities, uint256 oddWindows) = _fieldsOf(odd);
        qualities |= oddQualities << Lanes.WIDTH;
        rarities |= oddRarities << Lanes.WIDTH;
        windows |= oddWindows << Lanes.WIDTH;
    }

    /// @dev The fields of eight entries side by side, each in the even lane of its entry.
    function _fieldsOf(uint256 entries) private pure returns (uint256 qualities, uint256 rarities, uint256 windows) {
        qualities = entries & QUALITIES;
        rarities = (entries >> ScoreWords.RARITY_OFFSET) & RARITIES;
        windows = (entries >> ScoreWords.WINDOWS_OFFSET) & WINDOWS;
    }

    /// @dev A missed replay counts as a failed gate, whatever the quality says.
    function _classesOf(
        uint256 everyone,
        uint256 qualities,
        uint256 windows
    ) private pure returns (uint256 audited, uint256 gateFailed) {
        uint256 special = qualities >> SPECIAL_BIT;
        special &= special >> 1;
        uint256 missed = windows & (windows >> 1) & (windows >> 2);
        // 16,382 is even, 16,383 is odd; beyond the seats all numbers are zero.
        gateFailed = ((special & ~qualities) | missed) & Lanes.ONES;
        audited = everyone & ~(special | gateFailed);
    }

    /// @dev Counts the windows replayed without a miss. A seat replayed when it did all its windows; those who say of it what most of those
    /// with windows say agree, and so do those without windows.
    function _judgeReplay(uint256 assigned, uint256 windows, Verdict memory verdict) private pure {
        if (windows == assigned) {
            verdict.windows = assigned.sum();
            return;
        }

        uint256 missed = (windows & (windows >> 1) & (windows >> 2)) & Lanes.ONES;
        uint256 asked = assigned.atLeast(Lanes.ONES);
        verdict.windows = missed & asked == 0 ? windows.smaller(assigned).sum() : 0;
        uint256 replayed = windows.equal(assigned) & asked;
        uint256 notReplayed = asked ^ replayed;
        (uint256 pros, uint256 cons) = (replayed.sum(), notReplayed.sum());
        if (pros <= cons) verdict.agreeing &= ~replayed;
        if (cons <= pros) verdict.agreeing &= ~notReplayed;
    }

    /// @notice How often a seat is in the sets that were added up.
    /// @param sets sum of sets of the revealed seats
    /// @param i the i-th of them
    /// @return a number below 2¹⁶
    function countAt(uint256 sets, uint256 i) internal pure returns (uint256) {
        return uint16(sets >> Lanes.shiftOf(i));
    }
}
