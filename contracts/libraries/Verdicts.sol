// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTypes} from "../interfaces/IRoundsTypes.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {Lanes} from "./Lanes.sol";
import {Reputation} from "./Reputation.sol";
import {Sampling} from "./Sampling.sol";
import {ScoreWords} from "./ScoreWords.sol";

/// @title The verdict of a committee on one update
/// @notice Each of the n revealed seats has one entry about the update. An entry belongs to one of four classes:
/// audited, gate failed, task's fault, not audited. The majority class is the one with more than n / 2 entries. An entry
/// that says "no decision" is an audited one.
///
///     task's fault has the majority                    → TaskFault
///     gate failed has the majority                     → Failed
///     not audited has the majority                     → Unaudited
///     audited and gate failed together have a majority → Audited: Q, R are lower medians of both; a failed gate counts 0
///     otherwise                                        → Unaudited
///
/// An R below LEAST_RARITY counts as 0. Only the reasons of entries without quality are that small, so they move no R.
///
/// "No decision" counts as the contributor's running Q and R: if most say so, these are the verdict's. Such entries say
/// nothing for or against the update, so they clear no flag: only more than half of the counted entries do, each with a
/// score of its own above 0.
///
/// A seat is paid for its entry if it agrees with the majority. Without a majority nobody is paid for it: otherwise a
/// seat with invented scores would earn whenever silent seats leave it alone with an honest one.
///
/// Where the beacon named the update for an audit, "not audited" is no answer: it is never paid. If n / 2 entries of an
/// even n say so, they don't block the others. When these are all audited or gate failed the verdict is Audited, when
/// all say task's fault it is TaskFault, and a majority among them is paid. While more than half of the seats audit
/// honestly there is no such tie, so that medians stay between honest scores.
///
/// A drawn window is replayed by one seat, s, and looked at by the seats s + 1 and s + 2 (mod k). Those windows of s that
/// it did not replay count as withheld if a looking seat says so and none contradicts; only seats that scored the update
/// say anything, and silence contradicts only from a seat that proved a window of its own, or had none: one that looks at
/// nothing must not save who withholds. So at least two seats say it, three if all work.
///
/// The seats' numbers are in the {Lanes} of a word: seat s has lane s, and a seat that did not reveal has zeros.
library Verdicts {
    using Lanes for uint256;

    /// Bit 12, set with bit 13 from 12,288 on: qualities end at 10,000, the special values lie above.
    uint256 private constant SPECIAL_BIT = 12;
    uint256 private constant LEAST_RARITY_BPS = ScoreWords.RARITY_UNIT * ScoreWords.LEAST_RARITY;
    /// Number of seats whose numbers are in even lanes.
    uint256 private constant EVEN_SEATS = 8;

    /// The sheets of a cohort's seats, by seat; zero for those that did not reveal.
    /// @param seatCount k
    /// @param revealed n, the number of revealed seats
    /// @param everyone the set of these seats
    /// @param drawn windows of each audited update
    /// @param assigned lanes: how many of them fall to each revealed seat
    /// @param entries word j has what the first eight seats say about member j, word 16 + j what the others say
    /// @param beacon of the round
    /// @param isLastRound whether the round is the task's last one: it audits every update
    struct Sheets {
        uint256 seatCount;
        uint256 revealed;
        uint256 everyone;
        uint256 drawn;
        uint256 assigned;
        uint256[32] entries;
        bytes32 beacon;
        bool isLastRound;
    }

    /// @param contributor whose update is judged
    /// @param isUndecided whether some seats can't decide, and too few others have scores above 0 to clear a flag
    /// @param outcome by the table above
    /// @param record of the contributor before the verdict
    /// @param quality Q in bps
    /// @param rarity R in bps, 0 if Q is 0 or R is below LEAST_RARITY
    /// @param windows replayed without a miss, by all seats together
    /// @param withheld windows that were not shown
    /// @param asked windows of the seats that scored the update, if some were withheld
    /// @param agreeing set of the seats that agree with the majority
    struct Verdict {
        address contributor;
        bool isUndecided;
        IRoundsTypes.Outcome outcome;
        ParticipantWord record;
        uint256 quality;
        uint256 rarity;
        uint256 windows;
        uint256 withheld;
        uint256 asked;
        uint256 agreeing;
    }

    /// @notice Begins with the sheets of another cohort.
    /// @param sheets without a seat afterwards
    function clear(Sheets memory sheets) internal pure {
        (sheets.revealed, sheets.everyone, sheets.assigned) = (0, 0, 0);
        uint256[32] memory entries = sheets.entries;
        // What is copied from beyond the calldata is zero.
        assembly ("memory-safe") {
            calldatacopy(entries, calldatasize(), 0x400)
        }
    }

    /// @notice Adds the sheet of a seat that revealed. {turn} comes after the last one.
    /// @param sheets it becomes one of
    /// @param seat 0…14
    /// @param low the first word of the sheet
    /// @param high the second word
    function add(Sheets memory sheets, uint256 seat, uint256 low, uint256 high) internal pure {
        // At most 15 seats.
        unchecked {
            ++sheets.revealed;
            uint256 shift = Lanes.shiftOf(seat);
            sheets.everyone |= 1 << shift;
            sheets.assigned |= Sampling.assignedWindows(sheets.drawn, sheets.seatCount, seat) << shift;
            uint256 row = seat < EVEN_SEATS ? seat : seat + EVEN_SEATS;
            (sheets.entries[row], sheets.entries[row + ScoreWords.ENTRIES_PER_WORD]) = (low, high);
        }
    }

    /// @notice Sorts the sheets by member. Members are judged afterwards.
    /// @param sheets of all revealed seats
    function turn(Sheets memory sheets) internal pure {
        uint256 end = sheets.seatCount <= EVEN_SEATS ? 16 : 32;
        for (uint256 row = 0; row < end; row += ScoreWords.ENTRIES_PER_WORD) ScoreWords.transpose(sheets.entries, row);
    }

    /// @notice Judges one update.
    /// @param sheets of its cohort
    /// @param j member of the cohort, 0…15
    /// @param verdict with the contributor and its record; the rest is overwritten with the result. One struct in
    /// memory serves all members
    function judge(Sheets memory sheets, uint256 j, Verdict memory verdict) internal pure {
        (uint256 qualities, uint256 rarities, uint256 windows) = _entriesOf(sheets, j);
        uint256 counted = sheets.everyone;
        uint256 audited = counted;
        (verdict.isUndecided, verdict.outcome, verdict.agreeing) = (false, IRoundsTypes.Outcome.Audited, counted);
        (verdict.quality, verdict.rarity, verdict.windows, verdict.withheld) = (0, 0, 0, 0);
        uint256 leastRarity = LEAST_RARITY_BPS;
        // If every entry is a score there is nothing to count.
        if (_special(qualities) | _missed(windows) != 0) {
            (audited, counted) = _judgeClasses(sheets, qualities, windows, verdict);
            if (verdict.outcome != IRoundsTypes.Outcome.Audited) return;
            (qualities, rarities) = (qualities.pick(audited), rarities.pick(audited));
            // Of the special values only "no decision" is left.
            uint256 undecided = _special(qualities);
            if (undecided != 0) {
                (qualities, rarities) = _withRunning(verdict, qualities, rarities, undecided, counted);
                leastRarity = 0;
            }
        }

        uint256 quality;
        uint256 rarity;
        if (sheets.seatCount <= EVEN_SEATS)
            (quality, rarity) = (qualities | (rarities << Lanes.WIDTH)).lowerMedians(counted, sheets.seatCount);
        else (quality, rarity) = (qualities.lowerMedian(counted), rarities.lowerMedian(counted));
        verdict.quality = quality;
        // Without quality there is no pay for rarity: that would pay for noise. Reasons have the lowest places in the
        // order of rarities, as zeros would: what the median is from LEAST_RARITY on doesn't depend on them.
        if (quality != 0 && rarity >= leastRarity) verdict.rarity = rarity;
        if (windows == sheets.assigned) verdict.windows = windows.sum();
        else _judgeWindows(sheets, windows, audited, verdict);
    }

    /// @dev Puts the contributor's running values into the lanes of seats that can't decide, and takes out the rarities
    /// that count as none: running ones count whatever they are, so that no decision moves them. Notes whether the scores
    /// of the others are no majority of those that count.
    function _withRunning(
        Verdict memory verdict,
        uint256 qualities,
        uint256 rarities,
        uint256 undecided,
        uint256 counted
    ) private pure returns (uint256, uint256) {
        ParticipantWord record = verdict.record;
        (uint256 quality, uint256 rarity) = (record.runningQuality(), record.runningRarity());
        if (!record.isJudged()) {
            (quality, rarity) = (Reputation.NEUTRAL_QUALITY_BPS, Reputation.NEUTRAL_RARITY_BPS);
        }
        // A running Q is at most 10,000, a running R 20,000.
        unchecked {
            qualities &= ~(undecided * 0xffff);
            uint256 ones = Lanes.ONES;
            verdict.isUndecided = 2 * qualities.atLeast(ones).sum() <= counted.sum();
            uint256 rare = rarities.atLeast(LEAST_RARITY_BPS * ones) & ~undecided;
            return (qualities | (undecided * quality), rarities.pick(rare) | (undecided * rarity));
        }
    }

    /// @dev Finds the outcome, and the seats that are paid: those of the majority class, none without one. Returns the
    /// seats that scored the update, and these together with those for which it failed a gate.
    function _judgeClasses(
        Sheets memory sheets,
        uint256 qualities,
        uint256 windows,
        Verdict memory verdict
    ) private pure returns (uint256 audited, uint256 counted) {
        uint256 special = _special(qualities);
        // The lowest bits of 16,380…16,383 are 00, 01, 10 and 11: "no decision" is left out. A missed replay counts as a
        // failed gate, whatever the quality says.
        uint256 upper = qualities >> 1;
        uint256 failed = (special & upper & ~qualities) | _missed(windows);
        uint256 unaudited = special & qualities & ~failed;
        uint256 faults = unaudited & ~upper;
        unaudited &= upper;
        // Most updates: nothing else needs to be counted.
        if (2 * unaudited.sum() > sheets.revealed) {
            verdict.outcome = IRoundsTypes.Outcome.Unaudited;
            verdict.agreeing = _isNamed(sheets, verdict) ? 0 : unaudited;
            return (0, 0);
        }

        counted = sheets.everyone & ~(faults | unaudited);
        audited = counted & ~failed;
        _decide(sheets, verdict, [audited, failed, faults, unaudited]);
    }

    /// @dev Decides by the number of seats in each class: audited, gate failed, task's fault, not audited. The last one
    /// has no majority.
    function _decide(Sheets memory sheets, Verdict memory verdict, uint256[4] memory classes) private pure {
        unchecked {
            uint256 revealed = sheets.revealed;
            (uint256 audited, uint256 failed) = (2 * classes[0].sum(), 2 * classes[1].sum());
            (uint256 faults, uint256 unaudited) = (2 * classes[2].sum(), 2 * classes[3].sum());
            // Twice the least number of entries that decide, and twice the number that the paid class must exceed.
            (uint256 least, uint256 half) = (revealed + 1, revealed);
            // Half of all seats without an answer don't block others of one mind, and are never paid.
            bool isOfOneMind = faults == 0 || faults == revealed;
            if (unaudited == revealed && isOfOneMind && _isNamed(sheets, verdict)) {
                (least, half) = (revealed, half >> 1);
            }

            if (faults >= least) verdict.outcome = IRoundsTypes.Outcome.TaskFault;
            else if (failed > revealed) verdict.outcome = IRoundsTypes.Outcome.Failed;
            else if (audited + failed < least) verdict.outcome = IRoundsTypes.Outcome.Unaudited;

            verdict.agreeing = 0;
            if (audited > half) verdict.agreeing = classes[0];
            else if (failed > half) verdict.agreeing = classes[1];
            else if (faults > half) verdict.agreeing = classes[2];
        }
    }

    /// @dev Whether the beacon named the update for an audit.
    function _isNamed(Sheets memory sheets, Verdict memory verdict) private pure returns (bool) {
        if (sheets.isLastRound) return true;
        ParticipantWord record = verdict.record;
        return
            Sampling.isAudited(
                sheets.beacon,
                verdict.contributor,
                record.reputation(),
                record.seen(),
                record.isFlagged()
            );
    }

    /// @dev The seats whose quality is one of the special values. Lanes without a seat hold zero.
    function _special(uint256 qualities) private pure returns (uint256) {
        return (qualities >> SPECIAL_BIT) & (qualities >> (SPECIAL_BIT + 1)) & Lanes.ONES;
    }

    /// @dev The seats that report a miss.
    function _missed(uint256 windows) private pure returns (uint256) {
        return windows & (windows >> 1) & Lanes.ONES;
    }

    /// @dev The fields of all seats' entries about member j.
    function _entriesOf(
        Sheets memory sheets,
        uint256 j
    ) private pure returns (uint256 qualities, uint256 rarities, uint256 windows) {
        (qualities, rarities, windows) = _fieldsOf(sheets.entries[j]);
        if (sheets.seatCount <= EVEN_SEATS) return (qualities, rarities, windows);
        (uint256 oddQualities, uint256 oddRarities, uint256 oddWindows) = _fieldsOf(sheets.entries[j + 16]);
        qualities |= oddQualities << Lanes.WIDTH;
        rarities |= oddRarities << Lanes.WIDTH;
        windows |= oddWindows << Lanes.WIDTH;
    }

    /// @dev The fields of eight entries in a word, each in the even lane of its entry. Rarities are in bps.
    function _fieldsOf(uint256 entries) private pure returns (uint256 qualities, uint256 rarities, uint256 windows) {
        qualities = entries & ScoreWords.QUALITY_LANES;
        // At most 14 bits of each rarity are used, so that its double still fits a lane.
        unchecked {
            rarities = ScoreWords.RARITY_UNIT * ((entries >> ScoreWords.RARITY_OFFSET) & ScoreWords.RARITY_LANES);
        }
        windows = (entries >> ScoreWords.WINDOWS_OFFSET) & ScoreWords.WINDOWS_LANES;
    }

    /// @dev Counts windows: those replayed without a miss, none if a seat reports a miss in its own; and those withheld.
    /// A seat's word about windows never moves its own pay: others may have seen what it could not see.
    function _judgeWindows(
        Sheets memory sheets,
        uint256 windows,
        uint256 audited,
        Verdict memory verdict
    ) private pure {
        uint256 assigned = sheets.assigned;
        uint256 replayed = (windows & (ScoreWords.MISSED * Lanes.ONES)).smaller(assigned);
        uint256 busy = assigned.atLeast(Lanes.ONES);
        if (_missed(windows) & busy == 0) verdict.windows = replayed.sum();

        uint256 seatCount = sheets.seatCount;
        // The words of the two seats that looked at each seat's windows.
        uint256 first = (audited & (windows >> 2)).next(seatCount);
        uint256 second = (audited & (windows >> 3)).next(seatCount).next(seatCount);
        // Silence is an answer of those who proved a window of their own, or had none. A number here has two bits.
        uint256 idle = busy & ~(replayed | (replayed >> 1));
        uint256 heard = (audited & ~idle).next(seatCount);
        uint256 contradicted = (heard & ~first) | (heard.next(seatCount) & ~second);
        uint256 agreed = audited & (first | second) & ~contradicted;
        if (agreed == 0) return;
        unchecked {
            verdict.withheld = (assigned - replayed).pick(agreed).sum();
        }
        verdict.asked = assigned.pick(audited).sum();
    }

    /// @notice In how many of the added sets a seat is.
    /// @param sets sum of sets of seats
    /// @param i the seat
    /// @return their number, below 2¹⁶
    function countAt(uint256 sets, uint256 i) internal pure returns (uint256) {
        return uint16(sets >> Lanes.shiftOf(i));
    }
}
