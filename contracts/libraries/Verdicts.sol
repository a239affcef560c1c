// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTypes} from "../interfaces/IRoundsTypes.sol";
import {Lanes} from "./Lanes.sol";
import {ScoreWords} from "./ScoreWords.sol";

/// @title The verdict of a committee on one update
/// @notice Each of the n revealed seats has one entry about the update. An entry belongs to one of three classes:
/// audited, gate failed, not audited. The majority class is the one with more than n / 2 entries.
///
///     gate failed has the majority                     → Failed
///     not audited has the majority                     → Unaudited
///     audited and gate failed together have a majority → Audited: Q, R are lower medians of both; a failed gate counts 0
///     otherwise                                        → Unaudited
///
/// A seat is paid for its entry if it agrees with the majority. Without a majority nobody is paid for it: otherwise a
/// seat with invented scores would earn whenever silent seats leave it alone with an honest one.
///
/// The seats' numbers are in the {Lanes} of a word, in the order of the revealed seats.
library Verdicts {
    using Lanes for uint256;

    /// Bit 12, set with bit 13 from 12,288 on: qualities end at 10,000, both special values lie above.
    uint256 private constant SPECIAL_BIT = 12;
    /// Number of seats whose numbers are in even lanes.
    uint256 private constant EVEN_SEATS = 8;

    /// The sheets of a cohort's revealed seats. The arrays have room for every seat and are reused for the next cohort.
    /// @param revealed n, the number of revealed seats
    /// @param everyone the set of these seats
    /// @param assigned lanes: replay windows assigned to each of them
    /// @param low the first word of each sheet
    /// @param high the second word of each sheet
    struct Sheets {
        uint256 revealed;
        uint256 everyone;
        uint256 assigned;
        uint256[] low;
        uint256[] high;
    }

    /// @param outcome by the table above
    /// @param quality Q in bps
    /// @param rarity R in bps, 0 if Q is 0
    /// @param windows replayed without a miss, by all seats together
    /// @param agreeing set of the seats that agree with the majority
    struct Verdict {
        IRoundsTypes.Outcome outcome;
        uint256 quality;
        uint256 rarity;
        uint256 windows;
        uint256 agreeing;
    }

    /// @notice Allocates room for the sheets of a committee.
    /// @param seatCount k
    /// @return sheets to be filled
    function newSheets(uint256 seatCount) internal pure returns (Sheets memory sheets) {
        sheets.low = new uint256[](seatCount);
        sheets.high = new uint256[](seatCount);
    }

    /// @notice Judges one update.
    /// @param sheets of its cohort
    /// @param j member of the cohort, 0…15
    /// @param verdict overwritten with the result; one struct in memory serves all members
    function judge(Sheets memory sheets, uint256 j, Verdict memory verdict) internal pure {
        (uint256 qualities, uint256 rarities, uint256 windows) = _entriesOf(sheets, j);
        uint256 everyone = sheets.everyone;
        (uint256 audited, uint256 gateFailed) = _classesOf(everyone, qualities, windows);
        uint256 counted = audited | gateFailed;
        verdict.outcome = IRoundsTypes.Outcome.Audited;
        verdict.agreeing = everyone;
        (verdict.quality, verdict.rarity, verdict.windows) = (0, 0, 0);
        // If every entry says "audited" there is nothing to count.
        if (audited != everyone) _judgeClasses(sheets.revealed, audited, gateFailed, verdict);
        if (verdict.outcome != IRoundsTypes.Outcome.Audited) return;

        (qualities, rarities) = (qualities.pick(audited), rarities.pick(audited));
        if (sheets.revealed <= EVEN_SEATS) {
            uint256 both = qualities | (rarities << Lanes.WIDTH);
            (verdict.quality, verdict.rarity) = both.lowerMedians(counted, sheets.revealed);
        } else {
            (verdict.quality, verdict.rarity) = (qualities.lowerMedian(counted), rarities.lowerMedian(counted));
        }
        // Without quality there is no pay for rarity: that would pay for noise.
        if (verdict.quality == 0) verdict.rarity = 0;
        _judgeReplay(sheets.assigned, windows, verdict);
    }

    /// @dev Finds the outcome. `verdict.agreeing` holds all seats before, and the seats of the majority class after; it
    /// is empty if there is no majority.
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
        // At most 15 seats and 16 members: nothing overflows.
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

    /// @dev The fields of eight entries in a word, each in the even lane of its entry.
    function _fieldsOf(uint256 entries) private pure returns (uint256 qualities, uint256 rarities, uint256 windows) {
        qualities = entries & ScoreWords.QUALITY_LANES;
        rarities = (entries >> ScoreWords.RARITY_OFFSET) & ScoreWords.RARITY_LANES;
        windows = (entries >> ScoreWords.WINDOWS_OFFSET) & ScoreWords.WINDOWS_LANES;
    }

    /// @dev The classes of all entries. A missed replay counts as a failed gate, whatever the quality says.
    function _classesOf(
        uint256 everyone,
        uint256 qualities,
        uint256 windows
    ) private pure returns (uint256 audited, uint256 gateFailed) {
        uint256 special = qualities >> SPECIAL_BIT;
        special &= special >> 1;
        uint256 missed = windows & (windows >> 1) & (windows >> 2);
        // 16,382 is even, 16,383 is odd. Lanes without a seat hold zero.
        gateFailed = ((special & ~qualities) | missed) & Lanes.ONES;
        audited = everyone & ~(special | gateFailed);
    }

    /// @dev Counts the windows replayed without a miss: none if a seat with assigned windows reports a miss. Such a
    /// seat "replayed" if it reports all its windows. Seats with assigned windows stay in agreement only if they did
    /// what more than half of those seats did; seats without windows stay as they are.
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
        (uint256 replayedCount, uint256 notReplayedCount) = (replayed.sum(), notReplayed.sum());
        if (replayedCount <= notReplayedCount) verdict.agreeing &= ~replayed;
        if (notReplayedCount <= replayedCount) verdict.agreeing &= ~notReplayed;
    }

    /// @notice In how many of the added sets a seat is.
    /// @param sets sum of sets of revealed seats
    /// @param i index of the seat among the revealed ones
    /// @return their number, below 2¹⁶
    function countAt(uint256 sets, uint256 i) internal pure returns (uint256) {
        return uint16(sets >> Lanes.shiftOf(i));
    }
}
