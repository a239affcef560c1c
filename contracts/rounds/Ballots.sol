// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Median} from "../libraries/Median.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {ScoreWords} from "../libraries/ScoreWords.sol";
import {CohortWord} from "./CohortWords.sol";
import {Scoring} from "./Scoring.sol";

/// @title What the seats of a cohort say about one update
/// @notice One drawn seat, one vote. With n revealed seats an entry has one of three classes: audited, gate failed, not audited; the
/// majority class is the one with more than n / 2 votes.
///
///     gate failed has the majority                     → Failed
///     not audited has the majority                     → Unaudited
///     audited and gate failed together have a majority → Audited: Q and R are lower medians over both, a failed gate counts as 0
///     otherwise                                        → Unaudited
///
/// Sets of seats are words of fifteen 16-bit lanes with 0 or 1 in each, so that adding sets counts for each seat.
abstract contract Ballots is Scoring {
    uint256 private constant LANE_BITS = 16;
    uint256 private constant LANES = 0x0001000100010001000100010001000100010001000100010001000100010001;

    /// The sheets of a cohort's revealed seats; arrays have room for all seats and are reused from cohort to cohort.
    /// @param revealed n, the seats that revealed
    /// @param words two a seat, in the order of seats
    /// @param windows replay windows assigned to each of them
    /// @param everyone set of the n seats
    struct Sheets {
        uint256 revealed;
        uint256[] words;
        uint256[] windows;
        uint256[] qualities;
        uint256[] rarities;
        uint256 everyone;
    }

    /// What was counted over the seats for one update.
    struct Ballot {
        uint256 audited;
        uint256 gateFailed;
        uint256 replayed;
        uint256 notReplayed;
        uint256 values;
        uint256 steps;
    }

    /// @param outcome see above
    /// @param quality Q in bps
    /// @param rarity R in bps, 0 when Q is
    /// @param steps replayed steps without a miss, of all seats
    /// @param agreeing set of the seats that agree with the outcome
    struct Verdict {
        Outcome outcome;
        uint256 quality;
        uint256 rarity;
        uint256 steps;
        uint256 agreeing;
    }

    function _newSheets(uint256 seatCount) internal pure returns (Sheets memory sheets) {
        sheets.words = new uint256[](2 * seatCount);
        sheets.windows = new uint256[](seatCount);
        sheets.qualities = new uint256[](seatCount);
        sheets.rarities = new uint256[](seatCount);
    }

    /// @dev Loads the sheets of a cohort's revealed seats.
    function _loadSheets(
        Sheets memory sheets,
        uint64 taskId,
        uint32 cohort,
        CohortWord word,
        uint256 windows
    ) internal view {
        mapping(uint256 place => uint256) storage scores = _scores[taskId];
        uint256 seatCount = sheets.windows.length;
        uint256 count = 0;
        for (uint256 seat = 0; seat < seatCount; ++seat) {
            if (!word.hasActed(seat)) continue;
            uint256 place = _scorePlace(cohort, seat);
            sheets.words[2 * count] = scores[place];
            sheets.words[2 * count + 1] = scores[place + 1];
            sheets.windows[count] = Sampling.assignedWindows(windows, seatCount, seat);
            ++count;
        }
        sheets.revealed = count;
        sheets.everyone = LANES & ((1 << (LANE_BITS * count)) - 1);
    }

    /// @dev Judges the cohort's member j.
    function _judge(Sheets memory sheets, uint256 j, Ballot memory ballot, Verdict memory verdict) internal pure {
        _count(sheets, j, ballot);

        uint256 half = sheets.revealed;
        uint256 audited = _sizeOf(ballot.audited);
        uint256 gateFailed = _sizeOf(ballot.gateFailed);
        verdict.agreeing = _majorityClass(sheets, ballot, audited, gateFailed);
        verdict.quality = 0;
        verdict.rarity = 0;
        verdict.steps = 0;

        if (2 * gateFailed > half) {
            verdict.outcome = Outcome.Failed;
        } else if (2 * (audited + gateFailed) > half) {
            verdict.outcome = Outcome.Audited;
            verdict.quality = Median.lowerMedian(sheets.qualities, ballot.values);
            // Otherwise the second term would pay for noise.
            if (verdict.quality != 0) verdict.rarity = Median.lowerMedian(sheets.rarities, ballot.values);
            verdict.steps = ballot.steps;
            verdict.agreeing &= _replayMajority(sheets, ballot);
        } else {
            verdict.outcome = Outcome.Unaudited;
        }
    }

    /// @dev One pass over the seats. `values` counts the votes on quality and rarity.
    function _count(Sheets memory sheets, uint256 j, Ballot memory ballot) private pure {
        (ballot.audited, ballot.gateFailed, ballot.replayed, ballot.notReplayed) = (0, 0, 0, 0);
        (ballot.values, ballot.steps) = (0, 0);

        // At most fifteen seats: nothing overflows.
        unchecked {
            uint256 shift = 32 * (j % ScoreWords.ENTRIES_PER_WORD);
            uint256 half = j / ScoreWords.ENTRIES_PER_WORD;
            uint256 revealed = sheets.revealed;
            for (uint256 i = 0; i < revealed; ++i) {
                uint256 entry = uint32(sheets.words[2 * i + half] >> shift);
                _countEntry(sheets, i, entry, ballot);
            }
        }
    }

    function _countEntry(Sheets memory sheets, uint256 i, uint256 entry, Ballot memory ballot) private pure {
        (uint256 quality, uint256 rarity, uint256 steps) = ScoreWords.unpack(entry);
        unchecked {
            uint256 seat = 1 << (LANE_BITS * i);
            if (quality == ScoreWords.GATE_FAILED || steps == ScoreWords.MISSED) {
                ballot.gateFailed |= seat;
                sheets.qualities[ballot.values] = 0;
                sheets.rarities[ballot.values++] = 0;
            } else if (quality != ScoreWords.NOT_AUDITED) {
                ballot.audited |= seat;
                sheets.qualities[ballot.values] = quality;
                sheets.rarities[ballot.values++] = rarity;
            }

            uint256 assigned = sheets.windows[i];
            if (assigned == 0) return;
            if (steps == assigned) ballot.replayed |= seat;
            else ballot.notReplayed |= seat;
            if (steps != ScoreWords.MISSED) ballot.steps += steps < assigned ? steps : assigned;
        }
    }

    /// @dev The seats of the majority class, or all when no class has the majority.
    function _majorityClass(
        Sheets memory sheets,
        Ballot memory ballot,
        uint256 audited,
        uint256 gateFailed
    ) private pure returns (uint256) {
        uint256 revealed = sheets.revealed;
        if (2 * audited > revealed) return ballot.audited;
        if (2 * gateFailed > revealed) return ballot.gateFailed;
        if (2 * (revealed - audited - gateFailed) > revealed) {
            return sheets.everyone ^ ballot.audited ^ ballot.gateFailed;
        }
        return sheets.everyone;
    }

    /// @dev The seats that say of the replay what most of those with windows say, and those without; all in a tie.
    function _replayMajority(Sheets memory sheets, Ballot memory ballot) private pure returns (uint256) {
        uint256 replayed = _sizeOf(ballot.replayed);
        uint256 notReplayed = _sizeOf(ballot.notReplayed);
        if (replayed > notReplayed) return sheets.everyone ^ ballot.notReplayed;
        if (notReplayed > replayed) return sheets.everyone ^ ballot.replayed;
        return sheets.everyone;
    }

    /// @dev The product with LANES sums all lanes in the highest one.
    function _sizeOf(uint256 set) private pure returns (uint256) {
        unchecked {
            return (set * LANES) >> 240;
        }
    }

    /// @dev The lane of the i-th revealed seat in a sum of sets.
    function _laneAt(uint256 sets, uint256 i) internal pure returns (uint256) {
        return uint16(sets >> (LANE_BITS * i));
    }
}
