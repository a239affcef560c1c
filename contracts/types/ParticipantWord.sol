// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Reputation} from "../libraries/Reputation.sol";
import {Bits} from "./Bits.sol";

/// What a task records of a contributor.
type ParticipantWord is uint256;

using ParticipantWordLibrary for ParticipantWord global;

/// @title Reads and writes a {ParticipantWord}
/// @notice Layout, the lowest bits first; twin: PARTICIPANT_WORD in `sdk/protocol/words.ts`.
library ParticipantWordLibrary {
    using Bits for uint256;

    /// Last round submitted to.
    uint256 private constant LAST_ROUND_OFFSET = 0;
    uint256 private constant LAST_ROUND_BITS = 32;
    /// Index of that submission.
    uint256 private constant INDEX_OFFSET = 32;
    uint256 private constant INDEX_BITS = 24;
    /// Running Q in bps. The next two fields are in bps too.
    uint256 private constant RUNNING_QUALITY_OFFSET = 56;
    uint256 private constant RUNNING_QUALITY_BITS = 16;
    uint256 private constant RUNNING_RARITY_OFFSET = 72;
    uint256 private constant RUNNING_RARITY_BITS = 16;
    uint256 private constant REPUTATION_OFFSET = 88;
    uint256 private constant REPUTATION_BITS = 16;
    uint256 private constant PROVEN_WINDOWS_OFFSET = 104;
    uint256 private constant PROVEN_WINDOWS_BITS = 8;
    uint256 private constant ENROLLED_OFFSET = 112;
    uint256 private constant ENROLLED_BITS = 1;
    /// Whether an audit failed since the last passed one.
    uint256 private constant FLAGGED_OFFSET = 113;
    uint256 private constant FLAGGED_BITS = 1;
    /// Whether pay is held.
    uint256 private constant HAS_HELD_OFFSET = 114;
    uint256 private constant HAS_HELD_BITS = 1;
    /// Whether an update was ever audited or failed a gate; four bits are free behind it.
    uint256 private constant JUDGED_OFFSET = 115;
    uint256 private constant JUDGED_BITS = 1;
    uint256 private constant DATA_UNITS_OFFSET = 120;
    uint256 private constant DATA_UNITS_BITS = 32;
    /// Number of settled rounds, counted up to 65,535.
    uint256 private constant SEEN_OFFSET = 152;
    uint256 private constant SEEN_BITS = 16;
    /// Last settled round.
    uint256 private constant SETTLED_ROUND_OFFSET = 168;
    uint256 private constant SETTLED_ROUND_BITS = 32;
    /// First round that the contributor may submit to.
    uint256 private constant FIRST_ROUND_OFFSET = 200;
    uint256 private constant FIRST_ROUND_BITS = 32;
    /// Season of the last submission, see {RoundWordLibrary}.
    uint256 private constant SEASON_OFFSET = 232;
    uint256 private constant SEASON_BITS = 8;
    /// Open cases against the account, contributor or validator.
    uint256 private constant CASES_OFFSET = 240;
    uint256 private constant CASES_BITS = 16;

    uint256 private constant ENROLLED = 1 << ENROLLED_OFFSET;
    uint256 private constant FLAGGED = 1 << FLAGGED_OFFSET;
    uint256 private constant HAS_HELD = 1 << HAS_HELD_OFFSET;
    uint256 private constant JUDGED = 1 << JUDGED_OFFSET;
    /// Round, index and season of the last submission: 32 + 24 and 8 bits.
    uint256 private constant SUBMISSION_MASK = type(uint56).max | (uint256(type(uint8).max) << SEASON_OFFSET);
    /// Running Q, running R, reputation, proven windows: 16 + 16 + 16 + 8 bits.
    uint256 private constant RECORD_MASK = uint256(type(uint56).max) << RUNNING_QUALITY_OFFSET;
    /// Number of settled rounds, and the last of them: 16 + 32 bits.
    uint256 private constant SETTLED_MASK = uint256(type(uint48).max) << SEEN_OFFSET;

    /// @dev The word after an enrolment. The record of an earlier enrolment stays. Data units are at most 2²⁴.
    function enrol(
        ParticipantWord self,
        uint256 dataUnits_,
        uint256 firstRound_
    ) internal pure returns (ParticipantWord) {
        uint256 word = ParticipantWord.unwrap(self);
        if (reputation(self) == 0) {
            word = word.put(REPUTATION_OFFSET, REPUTATION_BITS, Reputation.MIN_REPUTATION_BPS);
        }
        word = word.put(DATA_UNITS_OFFSET, DATA_UNITS_BITS, dataUnits_);
        return ParticipantWord.wrap(word.put(FIRST_ROUND_OFFSET, FIRST_ROUND_BITS, firstRound_) | ENROLLED);
    }

    /// @dev The word after the contributor left.
    function dismissed(ParticipantWord self) internal pure returns (ParticipantWord) {
        return ParticipantWord.wrap(ParticipantWord.unwrap(self) & ~ENROLLED);
    }

    function lastRound(ParticipantWord self) internal pure returns (uint32) {
        return uint32(ParticipantWord.unwrap(self) >> LAST_ROUND_OFFSET);
    }

    function index(ParticipantWord self) internal pure returns (uint256) {
        return uint24(ParticipantWord.unwrap(self) >> INDEX_OFFSET);
    }

    function runningQuality(ParticipantWord self) internal pure returns (uint256) {
        return uint16(ParticipantWord.unwrap(self) >> RUNNING_QUALITY_OFFSET);
    }

    function runningRarity(ParticipantWord self) internal pure returns (uint256) {
        return uint16(ParticipantWord.unwrap(self) >> RUNNING_RARITY_OFFSET);
    }

    function reputation(ParticipantWord self) internal pure returns (uint256) {
        return uint16(ParticipantWord.unwrap(self) >> REPUTATION_OFFSET);
    }

    function provenWindows(ParticipantWord self) internal pure returns (uint256) {
        return uint8(ParticipantWord.unwrap(self) >> PROVEN_WINDOWS_OFFSET);
    }

    function isEnrolled(ParticipantWord self) internal pure returns (bool) {
        return ParticipantWord.unwrap(self) & ENROLLED != 0;
    }

    function isFlagged(ParticipantWord self) internal pure returns (bool) {
        return ParticipantWord.unwrap(self) & FLAGGED != 0;
    }

    function hasHeld(ParticipantWord self) internal pure returns (bool) {
        return ParticipantWord.unwrap(self) & HAS_HELD != 0;
    }

    function isJudged(ParticipantWord self) internal pure returns (bool) {
        return ParticipantWord.unwrap(self) & JUDGED != 0;
    }

    function dataUnits(ParticipantWord self) internal pure returns (uint32) {
        return uint32(ParticipantWord.unwrap(self) >> DATA_UNITS_OFFSET);
    }

    function seen(ParticipantWord self) internal pure returns (uint256) {
        return uint16(ParticipantWord.unwrap(self) >> SEEN_OFFSET);
    }

    function settledRound(ParticipantWord self) internal pure returns (uint32) {
        return uint32(ParticipantWord.unwrap(self) >> SETTLED_ROUND_OFFSET);
    }

    function firstRound(ParticipantWord self) internal pure returns (uint32) {
        return uint32(ParticipantWord.unwrap(self) >> FIRST_ROUND_OFFSET);
    }

    function season(ParticipantWord self) internal pure returns (uint256) {
        return uint8(ParticipantWord.unwrap(self) >> SEASON_OFFSET);
    }

    /// @dev Number of open cases against the account.
    function cases(ParticipantWord self) internal pure returns (uint256) {
        return ParticipantWord.unwrap(self) >> CASES_OFFSET;
    }

    /// @dev The word with a new number of open cases. Reverts if it doesn't fit.
    function withCases(ParticipantWord self, uint256 count) internal pure returns (ParticipantWord) {
        return ParticipantWord.wrap(ParticipantWord.unwrap(self).put(CASES_OFFSET, CASES_BITS, count.fit(CASES_BITS)));
    }

    /// @dev The word after a submission to `round`, which has 32 bits. An index is below 2,048, a season below 128.
    function withSubmission(
        ParticipantWord self,
        uint256 round,
        uint256 index_,
        uint256 season_
    ) internal pure returns (ParticipantWord) {
        uint256 kept = ParticipantWord.unwrap(self) & ~SUBMISSION_MASK;
        uint256 submission = (round << LAST_ROUND_OFFSET) | (index_ << INDEX_OFFSET) | (season_ << SEASON_OFFSET);
        return ParticipantWord.wrap(kept | submission);
    }

    /// @dev The word after an update was settled in `round`, which has 32 bits. Counts one more settled round.
    function withSettled(ParticipantWord self, uint256 round) internal pure returns (ParticipantWord) {
        uint256 count = seen(self);
        // Below 2¹⁶.
        unchecked {
            if (count < type(uint16).max) ++count;
        }
        uint256 kept = ParticipantWord.unwrap(self) & ~SETTLED_MASK;
        return ParticipantWord.wrap(kept | (count << SEEN_OFFSET) | (round << SETTLED_ROUND_OFFSET));
    }

    /// @dev The word with a new record, after a verdict that judged an update. Running Q is at most 10,000, running R
    /// 20,000, reputation 15,000, and at most 48 windows are proven.
    function withRecord(
        ParticipantWord self,
        uint256 quality,
        uint256 rarity,
        uint256 reputation_,
        uint256 provenWindows_
    ) internal pure returns (ParticipantWord) {
        uint256 kept = ParticipantWord.unwrap(self) & ~RECORD_MASK;
        uint256 running = (quality << RUNNING_QUALITY_OFFSET) | (rarity << RUNNING_RARITY_OFFSET);
        return
            ParticipantWord.wrap(
                kept | running | (reputation_ << REPUTATION_OFFSET) | (provenWindows_ << PROVEN_WINDOWS_OFFSET) | JUDGED
            );
    }

    /// @dev The word with the flag set or cleared: whether an audit failed since the last passed one.
    function withFlag(ParticipantWord self, bool flagged) internal pure returns (ParticipantWord) {
        uint256 word = ParticipantWord.unwrap(self);
        return ParticipantWord.wrap(flagged ? word | FLAGGED : word & ~FLAGGED);
    }

    /// @dev The word with the mark for held pay set or cleared.
    function withHeld(ParticipantWord self, bool held) internal pure returns (ParticipantWord) {
        uint256 word = ParticipantWord.unwrap(self);
        return ParticipantWord.wrap(held ? word | HAS_HELD : word & ~HAS_HELD);
    }
}
