// SPDX-License-Identifier: MIT
// The words of one thing are read together.
// solhint-disable one-contract-per-file
pragma solidity 0.8.37;

import {Reputation} from "../libraries/Reputation.sol";
import {Bits} from "./Bits.sol";

/// A contributor.
/// bits   0  last round submitted to 32 | 32 index of that submission 24 | 56 running Q in bps 16 | 72 running R in bps 16
/// bits  88  reputation in bps 16 | 104 proven steps 8 | 112 flags 8 | 120 data units 32 | 152 settled rounds seen 16
/// bits 168  last settled round 32 | 200 first round it may submit to 32
type ParticipantWord is uint256;

/// @notice Reads and writes a {ParticipantWord}.
library Participants {
    using Bits for uint256;

    uint256 private constant ENROLLED = 1 << 112;
    uint256 private constant FLAGGED = 1 << 113;
    uint256 private constant HAS_HELD = 1 << 114;
    /// Running Q, running R, reputation, proven steps: bits 56…111.
    uint256 private constant RECORD_MASK = ((1 << 56) - 1) << 56;

    /// @dev A contributor that enrols; what a task remembers of an earlier enrolment stays.
    function enrol(
        ParticipantWord self,
        uint256 dataUnits_,
        uint256 firstRound_
    ) internal pure returns (ParticipantWord) {
        uint256 word = ParticipantWord.unwrap(self);
        if (reputation(self) == 0) word = word.put(88, 16, Reputation.MIN_REPUTATION_BPS);
        return ParticipantWord.wrap(word.put(120, 32, dataUnits_).put(200, 32, firstRound_) | ENROLLED);
    }

    /// @dev A contributor that has left.
    function dismissed(ParticipantWord self) internal pure returns (ParticipantWord) {
        return ParticipantWord.wrap(ParticipantWord.unwrap(self) & ~ENROLLED);
    }

    function lastRound(ParticipantWord self) internal pure returns (uint32) {
        return uint32(ParticipantWord.unwrap(self));
    }

    function index(ParticipantWord self) internal pure returns (uint256) {
        return uint24(ParticipantWord.unwrap(self) >> 32);
    }

    function runningQuality(ParticipantWord self) internal pure returns (uint256) {
        return uint16(ParticipantWord.unwrap(self) >> 56);
    }

    function runningRarity(ParticipantWord self) internal pure returns (uint256) {
        return uint16(ParticipantWord.unwrap(self) >> 72);
    }

    function reputation(ParticipantWord self) internal pure returns (uint256) {
        return uint16(ParticipantWord.unwrap(self) >> 88);
    }

    function proven(ParticipantWord self) internal pure returns (uint256) {
        return uint8(ParticipantWord.unwrap(self) >> 104);
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

    function dataUnits(ParticipantWord self) internal pure returns (uint32) {
        return uint32(ParticipantWord.unwrap(self) >> 120);
    }

    function seen(ParticipantWord self) internal pure returns (uint256) {
        return uint16(ParticipantWord.unwrap(self) >> 152);
    }

    function settledRound(ParticipantWord self) internal pure returns (uint32) {
        return uint32(ParticipantWord.unwrap(self) >> 168);
    }

    function firstRound(ParticipantWord self) internal pure returns (uint32) {
        return uint32(ParticipantWord.unwrap(self) >> 200);
    }

    /// @dev The word after a submission: round in bits 0…31, index in 32…55.
    function withSubmission(
        ParticipantWord self,
        uint256 round,
        uint256 index_
    ) internal pure returns (ParticipantWord) {
        return ParticipantWord.wrap(((ParticipantWord.unwrap(self) >> 56) << 56) | round | (index_ << 32));
    }

    /// @dev The word after an update was settled in `round`; one more round seen.
    function withSettled(ParticipantWord self, uint256 round) internal pure returns (ParticipantWord) {
        uint256 count = seen(self);
        if (count < type(uint16).max) ++count;
        return ParticipantWord.wrap(ParticipantWord.unwrap(self).put(152, 48, count | (round << 16)));
    }

    /// @dev The word with a new record: Q and R are running values, all in their ranges.
    function withRecord(
        ParticipantWord self,
        uint256 quality,
        uint256 rarity,
        uint256 reputation_,
        uint256 proven_
    ) internal pure returns (ParticipantWord) {
        uint256 kept = ParticipantWord.unwrap(self) & ~RECORD_MASK;
        return ParticipantWord.wrap(kept | (quality << 56) | (rarity << 72) | (reputation_ << 88) | (proven_ << 104));
    }

    /// @dev The word flagged or not: whether an audit failed since the last passed one.
    function withFlag(ParticipantWord self, bool flagged) internal pure returns (ParticipantWord) {
        uint256 word = ParticipantWord.unwrap(self);
        return ParticipantWord.wrap(flagged ? word | FLAGGED : word & ~FLAGGED);
    }

    /// @dev The word with or without the note that pay is held.
    function withHeld(ParticipantWord self, bool held) internal pure returns (ParticipantWord) {
        uint256 word = ParticipantWord.unwrap(self);
        return ParticipantWord.wrap(held ? word | HAS_HELD : word & ~HAS_HELD);
    }
}

/// A validator.
/// bits   0  place in the frozen roster + 1 8 | 8 place in the next roster + 1 8 | 16 decayed duties 32 | 48 decayed duties done 32
/// bits  80  duties ever 16 | 96 last ten rounds with duties, a bit a round, 1 = missed 16
/// bits 112  round of the tally 32 | 144 duties 16 | 160 done 16 | 176 accurate entries 32 | 208 unix seconds of release 40
type ValidatorWord is uint256;

/// @notice Reads and writes a {ValidatorWord}.
library Validators {
    using Bits for uint256;

    /// Bits 112…207: the tally of a round.
    uint256 private constant TALLY_MASK = ((1 << 96) - 1) << 112;

    function frozenPlace(ValidatorWord self) internal pure returns (uint256) {
        return uint8(ValidatorWord.unwrap(self));
    }

    function nextPlace(ValidatorWord self) internal pure returns (uint256) {
        return uint8(ValidatorWord.unwrap(self) >> 8);
    }

    function dutySum(ValidatorWord self) internal pure returns (uint256) {
        return uint32(ValidatorWord.unwrap(self) >> 16);
    }

    function doneSum(ValidatorWord self) internal pure returns (uint256) {
        return uint32(ValidatorWord.unwrap(self) >> 48);
    }

    function dutyTotal(ValidatorWord self) internal pure returns (uint256) {
        return uint16(ValidatorWord.unwrap(self) >> 80);
    }

    function history(ValidatorWord self) internal pure returns (uint256) {
        return uint16(ValidatorWord.unwrap(self) >> 96);
    }

    /// @dev The missed rounds of the last ones with duties: the size of the set that `history` is.
    function missedRounds(ValidatorWord self) internal pure returns (uint256 count) {
        for (uint256 set = history(self); set != 0; set &= set - 1) ++count;
    }

    function tallyRound(ValidatorWord self) internal pure returns (uint32) {
        return uint32(ValidatorWord.unwrap(self) >> 112);
    }

    function duties(ValidatorWord self) internal pure returns (uint256) {
        return uint16(ValidatorWord.unwrap(self) >> 144);
    }

    function done(ValidatorWord self) internal pure returns (uint256) {
        return uint16(ValidatorWord.unwrap(self) >> 160);
    }

    function entries(ValidatorWord self) internal pure returns (uint256) {
        return uint32(ValidatorWord.unwrap(self) >> 176);
    }

    function releaseAt(ValidatorWord self) internal pure returns (uint256) {
        return uint40(ValidatorWord.unwrap(self) >> 208);
    }

    function withFrozenPlace(ValidatorWord self, uint256 place) internal pure returns (ValidatorWord) {
        return ValidatorWord.wrap(ValidatorWord.unwrap(self).put(0, 8, place));
    }

    function withNextPlace(ValidatorWord self, uint256 place) internal pure returns (ValidatorWord) {
        return ValidatorWord.wrap(ValidatorWord.unwrap(self).put(8, 8, place));
    }

    function withRelease(ValidatorWord self, uint256 releaseAt_) internal pure returns (ValidatorWord) {
        return ValidatorWord.wrap(ValidatorWord.unwrap(self).put(208, 40, releaseAt_));
    }

    /// @dev One duty more in `round`; a tally of an earlier round starts again. A duty that is done brings `accurate` entries.
    function withDuty(
        ValidatorWord self,
        uint256 round,
        bool isDone,
        uint256 accurate
    ) internal pure returns (ValidatorWord) {
        uint256 word = ValidatorWord.unwrap(self);
        // Two draws of 128 cohorts and the root make at most 257 duties and 4,096 entries.
        unchecked {
            if (uint32(word >> 112) != round) word = (word & ~TALLY_MASK) | (round << 112);
            return ValidatorWord.wrap(word + (1 << 144) + (isDone ? (1 << 160) + (accurate << 176) : 0));
        }
    }

    /// @dev The word with new sums after a round with duties.
    function withSums(
        ValidatorWord self,
        uint256 dutySum_,
        uint256 doneSum_,
        uint256 dutyTotal_,
        uint256 history_
    ) internal pure returns (ValidatorWord) {
        uint256 word = ValidatorWord.unwrap(self).put(16, 32, dutySum_).put(48, 32, doneSum_);
        return ValidatorWord.wrap(word.put(80, 16, dutyTotal_).put(96, 16, history_));
    }
}

/// What an account has earned and not claimed.
/// bits   0  claimable 80 | 80 credited in the epoch 80 | 160 credited in the epoch before 80 | 240 epoch modulo 2¹⁶ 16
///
/// What is credited in an epoch is claimable from the second epoch after it on, so it matures after one to two epochs
/// ({Timings.epochSeconds}: never before its round is final), and no state is kept per round.
type EarningsWord is uint256;

/// @notice Reads and rolls an {EarningsWord}.
library EarningsBuckets {
    function claimable(EarningsWord self) internal pure returns (uint256) {
        return uint80(EarningsWord.unwrap(self));
    }

    function current(EarningsWord self) internal pure returns (uint256) {
        return uint80(EarningsWord.unwrap(self) >> 80);
    }

    function previous(EarningsWord self) internal pure returns (uint256) {
        return uint80(EarningsWord.unwrap(self) >> 160);
    }

    /// @dev The buckets as of `epoch`. Epochs count modulo 2¹⁶: buckets that nobody touched for exactly 65,536 or 65,537 epochs wait for
    /// one or two more. All funding of a task is below 2⁸⁰ wei, so that no bucket overflows.
    function rolled(EarningsWord self, uint256 epoch) internal pure returns (EarningsWord) {
        uint256 word = EarningsWord.unwrap(self);
        unchecked {
            uint256 passed = uint16(epoch - (word >> 240));
            if (passed == 0) return self;

            uint256 matured = uint80(word) + uint256(uint80(word >> 160));
            uint256 latest = uint80(word >> 80);
            if (passed == 1) return EarningsWord.wrap(matured | (latest << 160) | (epoch << 240));
            return EarningsWord.wrap((matured + latest) | (epoch << 240));
        }
    }

    /// @dev The buckets of `epoch` with `amount` wei more in it.
    function credited(EarningsWord self, uint256 epoch, uint256 amount) internal pure returns (EarningsWord) {
        unchecked {
            return EarningsWord.wrap(EarningsWord.unwrap(rolled(self, epoch)) + (amount << 80));
        }
    }

    /// @dev Unix seconds at which the next bucket matures, 0 when both are empty; the buckets as of `time`, in unix seconds too.
    function nextMaturity(EarningsWord self, uint256 epochSeconds, uint256 time) internal pure returns (uint256) {
        if (previous(self) == 0 && current(self) == 0) return 0;
        return (time / epochSeconds + (previous(self) != 0 ? 1 : 2)) * epochSeconds;
    }

    /// @dev The buckets after claiming; a word without earnings is zero and gives its slot back.
    function claimed(EarningsWord self) internal pure returns (EarningsWord) {
        uint256 rest = (EarningsWord.unwrap(self) >> 80) << 80;
        return EarningsWord.wrap(rest << 16 == 0 ? 0 : rest);
    }
}

/// Held pay of a contributor.
/// bits   0  wei that waits for a passed audit 80 | 80 round in which it last changed 32
///
/// Once written the word is never zero again: holding, releasing and holding again costs a fresh slot only once.
type HeldWord is uint256;

/// @notice Reads and packs a {HeldWord}.
library HeldAmounts {
    function pack(uint256 amount_, uint256 round_) internal pure returns (HeldWord) {
        return HeldWord.wrap(amount_ | (round_ << 80));
    }

    function amount(HeldWord self) internal pure returns (uint256) {
        return uint80(HeldWord.unwrap(self));
    }
}

/// A place in the next roster.
/// bits   0  address 160 | 160 stake in wei 96
type PlaceWord is uint256;

/// @notice Reads and packs a {PlaceWord}.
library Places {
    function pack(address account_, uint256 stake_) internal pure returns (PlaceWord) {
        return PlaceWord.wrap(uint160(account_) | (stake_ << 160));
    }

    function account(PlaceWord self) internal pure returns (address) {
        return address(uint160(PlaceWord.unwrap(self)));
    }

    function stake(PlaceWord self) internal pure returns (uint256) {
        return PlaceWord.unwrap(self) >> 160;
    }
}

using Participants for ParticipantWord global;
using Validators for ValidatorWord global;
using EarningsBuckets for EarningsWord global;
using HeldAmounts for HeldWord global;
using Places for PlaceWord global;
