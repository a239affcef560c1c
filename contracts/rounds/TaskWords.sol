// SPDX-License-Identifier: MIT
// The words of one thing are read together.
// solhint-disable one-contract-per-file
pragma solidity 0.8.37;

import {ITasks} from "../interfaces/ITasks.sol";
import {Bits} from "./Bits.sol";

/// Phase lengths and sizes of a task.
/// bits   0  submitSeconds 32 | 32 openSeconds 32 | 64 commitSeconds 32 | 96 revealSeconds 32 | 128 aggregateSeconds 32
/// bits 160  challengeSeconds 32 | 192 committeeSize 8 | 200 replay windows an update 8 | 208 slots 16 | 224 minContributors 16
type TimingWord is uint256;

/// @notice Reads and packs a {TimingWord}.
library Timings {
    /// @dev Packs what the phases of a task need.
    function pack(ITasks.TaskParams calldata params) internal pure returns (TimingWord) {
        uint256 drawn = params.replayWindows < params.windowsPerRound ? params.replayWindows : params.windowsPerRound;
        uint256 phases =
            params.submitSeconds |
                (uint256(params.openSeconds) << 32) |
                (uint256(params.commitSeconds) << 64) |
                (uint256(params.revealSeconds) << 96) |
                (uint256(params.aggregateSeconds) << 128) |
                (uint256(params.challengeSeconds) << 160);
        return
            TimingWord.wrap(
                phases |
                    (uint256(params.committeeSize) << 192) |
                    (drawn << 200) |
                    (uint256(params.slots) << 208) |
                    (uint256(params.minContributors) << 224)
            );
    }

    function isNone(TimingWord self) internal pure returns (bool) {
        return TimingWord.unwrap(self) == 0;
    }

    function submitSeconds(TimingWord self) internal pure returns (uint256) {
        return uint32(TimingWord.unwrap(self));
    }

    function openSeconds(TimingWord self) internal pure returns (uint256) {
        return uint32(TimingWord.unwrap(self) >> 32);
    }

    function commitSeconds(TimingWord self) internal pure returns (uint256) {
        return uint32(TimingWord.unwrap(self) >> 64);
    }

    function revealSeconds(TimingWord self) internal pure returns (uint256) {
        return uint32(TimingWord.unwrap(self) >> 96);
    }

    function aggregateSeconds(TimingWord self) internal pure returns (uint256) {
        return uint32(TimingWord.unwrap(self) >> 128);
    }

    function challengeSeconds(TimingWord self) internal pure returns (uint256) {
        return uint32(TimingWord.unwrap(self) >> 160);
    }

    function committeeSize(TimingWord self) internal pure returns (uint256) {
        return uint8(TimingWord.unwrap(self) >> 192);
    }

    function windows(TimingWord self) internal pure returns (uint256) {
        return uint8(TimingWord.unwrap(self) >> 200);
    }

    function slots(TimingWord self) internal pure returns (uint256) {
        return uint16(TimingWord.unwrap(self) >> 208);
    }

    function minContributors(TimingWord self) internal pure returns (uint256) {
        return uint16(TimingWord.unwrap(self) >> 224);
    }

    /// @dev Length of an epoch of earnings. A cohort can be settled as early as its first reveals end; the round then closes by the clock a
    /// redraw and two votes later at most. So what is credited matures, an epoch later at the earliest, when the round is final.
    function epochSeconds(TimingWord self) internal pure returns (uint256) {
        // Five numbers of 32 bits.
        unchecked {
            return challengeSeconds(self) + commitSeconds(self) + revealSeconds(self) + 2 * aggregateSeconds(self);
        }
    }

    /// @dev Number of the epoch of earnings at a unix time since 1970, modulo 2¹⁶.
    function epochAt(TimingWord self, uint256 time) internal pure returns (uint256) {
        return uint16(time / epochSeconds(self));
    }

    /// @dev Unix seconds at which the open phase ends, `sealedAt` in unix seconds too; the other ends follow it in order.
    function openEnd(TimingWord self, uint256 sealedAt) internal pure returns (uint256) {
        return sealedAt + openSeconds(self);
    }

    function commitEnd(TimingWord self, uint256 sealedAt) internal pure returns (uint256) {
        return openEnd(self, sealedAt) + commitSeconds(self);
    }

    function revealEnd(TimingWord self, uint256 sealedAt) internal pure returns (uint256) {
        return commitEnd(self, sealedAt) + revealSeconds(self);
    }

    function redrawCommitEnd(TimingWord self, uint256 sealedAt) internal pure returns (uint256) {
        return revealEnd(self, sealedAt) + commitSeconds(self);
    }

    function redrawRevealEnd(TimingWord self, uint256 sealedAt) internal pure returns (uint256) {
        return redrawCommitEnd(self, sealedAt) + revealSeconds(self);
    }
}

/// What a contributor's pay needs of a task.
/// bits   0  priceCompute 96 | 96 priceData 96 | 192 computeUnits 32 | 224 earlyBonusBps 16 | 240 earlyBonusRounds 16
type PriceWord is uint256;

/// @notice Reads and packs a {PriceWord}.
library Prices {
    /// @dev Packs what a contributor's pay needs.
    function pack(ITasks.TaskParams calldata params) internal pure returns (PriceWord) {
        return
            PriceWord.wrap(
                params.priceCompute |
                    (uint256(params.priceData) << 96) |
                    (uint256(params.computeUnitsPerRound) << 192) |
                    (uint256(params.earlyBonusBps) << 224) |
                    (uint256(params.earlyBonusRounds) << 240)
            );
    }

    function priceCompute(PriceWord self) internal pure returns (uint96) {
        return uint96(PriceWord.unwrap(self));
    }

    function priceData(PriceWord self) internal pure returns (uint96) {
        return uint96(PriceWord.unwrap(self) >> 96);
    }

    function computeUnits(PriceWord self) internal pure returns (uint32) {
        return uint32(PriceWord.unwrap(self) >> 192);
    }

    function earlyBonusBps(PriceWord self) internal pure returns (uint256) {
        return uint16(PriceWord.unwrap(self) >> 224);
    }

    function earlyBonusRounds(PriceWord self) internal pure returns (uint256) {
        return uint16(PriceWord.unwrap(self) >> 240);
    }
}

/// What validators' pay and weights need of a task.
/// bits   0  priceValidation 96 | 96 minValidatorStake 96 | 192 maxRounds 32
type ServiceWord is uint256;

/// @notice Reads and packs a {ServiceWord}.
library Services {
    /// @dev Packs what validators' pay and weights need.
    function pack(ITasks.TaskParams calldata params) internal pure returns (ServiceWord) {
        return
            ServiceWord.wrap(
                params.priceValidation | (uint256(params.minValidatorStake) << 96) | (uint256(params.maxRounds) << 192)
            );
    }

    function priceValidation(ServiceWord self) internal pure returns (uint256) {
        return uint96(ServiceWord.unwrap(self));
    }

    function minValidatorStake(ServiceWord self) internal pure returns (uint256) {
        return uint96(ServiceWord.unwrap(self) >> 96);
    }

    function maxRounds(ServiceWord self) internal pure returns (uint256) {
        return uint32(ServiceWord.unwrap(self) >> 192);
    }
}

/// A task's people and money.
/// bits   0  enrolled contributors 24 | 24 sum of their reputations in bps 40 | 64 wei credited since the task began 80
/// bits 144  wei held until a passed audit 80
type PopulationWord is uint256;

/// @notice Reads and writes a {PopulationWord}.
library Populations {
    using Bits for uint256;

    function enrolled(PopulationWord self) internal pure returns (uint256) {
        return uint24(PopulationWord.unwrap(self));
    }

    function reputationSum(PopulationWord self) internal pure returns (uint256) {
        return uint40(PopulationWord.unwrap(self) >> 24);
    }

    function credited(PopulationWord self) internal pure returns (uint256) {
        return uint80(PopulationWord.unwrap(self) >> 64);
    }

    function held(PopulationWord self) internal pure returns (uint256) {
        return uint80(PopulationWord.unwrap(self) >> 144);
    }

    /// @dev All that the escrow must keep for earnings in wei, claimed or not.
    function liability(PopulationWord self) internal pure returns (uint256) {
        return credited(self) + held(self);
    }

    /// @dev The word with so many enrolled and the sum of their reputations in bps.
    function withPeople(PopulationWord self, uint256 count, uint256 sum) internal pure returns (PopulationWord) {
        return PopulationWord.wrap(PopulationWord.unwrap(self).put(0, 24, count).put(24, 40, sum));
    }

    /// @dev The word with so many wei credited since the task began, and so many held.
    function withMoney(
        PopulationWord self,
        uint256 creditedWei,
        uint256 heldWei
    ) internal pure returns (PopulationWord) {
        return PopulationWord.wrap(PopulationWord.unwrap(self).put(64, 80, creditedWei).put(144, 80, heldWei));
    }
}

/// What claims of a task are paid from.
/// bits   0  reward token 160 | 160 wei collected from the escrow and not claimed yet 80
type PurseWord is uint256;

/// @notice Reads and writes a {PurseWord}.
library Purses {
    /// @dev The purse of a new task.
    function empty(address token_) internal pure returns (PurseWord) {
        return PurseWord.wrap(uint160(token_));
    }

    function token(PurseWord self) internal pure returns (address) {
        return address(uint160(PurseWord.unwrap(self)));
    }

    function amount(PurseWord self) internal pure returns (uint256) {
        return PurseWord.unwrap(self) >> 160;
    }

    /// @dev All funding of a task is below 2⁸⁰ wei, and so is the sum of what is collected.
    function plus(PurseWord self, uint256 wei_) internal pure returns (PurseWord) {
        return PurseWord.wrap(PurseWord.unwrap(self) + (wei_ << 160));
    }

    /// @dev Reverts when `wei_` is more than the purse has.
    function minus(PurseWord self, uint256 wei_) internal pure returns (PurseWord) {
        return PurseWord.wrap(PurseWord.unwrap(self) - (wei_ << 160));
    }
}

/// The current or last round.
/// bits   0  round 32 | 32 status 8 | 40 submissions 16 | 56 slots 16 | 72 submitEnd 40 | 112 sealedAt 40 | 152 doneAt 40
/// bits 192  cohorts settled or void 16 | 208 void cohorts 16 | 224 more were enrolled than there are slots 1
type RoundWord is uint256;

/// @notice Reads and writes a {RoundWord}.
library RoundStates {
    using Bits for uint256;

    uint256 internal constant IDLE = 0;
    uint256 internal constant SUBMIT = 1;
    uint256 internal constant SEALING = 2;
    uint256 internal constant SCORING = 3;
    uint256 internal constant AGGREGATING = 4;
    /// Every root seat has voted: nobody has to wait for the clock.
    uint256 internal constant VOTED = 5;

    /// @dev The word of a round that opens now; `submitEnd_` in unix seconds.
    function opened(
        uint256 round_,
        uint256 slots_,
        uint256 submitEnd_,
        bool oversubscribed_
    ) internal pure returns (RoundWord) {
        return
            RoundWord.wrap(
                round_ | (SUBMIT << 32) | (slots_ << 56) | (submitEnd_ << 72) | (oversubscribed_ ? 1 << 224 : 0)
            );
    }

    function round(RoundWord self) internal pure returns (uint32) {
        return uint32(RoundWord.unwrap(self));
    }

    function status(RoundWord self) internal pure returns (uint256) {
        return uint8(RoundWord.unwrap(self) >> 32);
    }

    function submissions(RoundWord self) internal pure returns (uint256) {
        return uint16(RoundWord.unwrap(self) >> 40);
    }

    function slots(RoundWord self) internal pure returns (uint256) {
        return uint16(RoundWord.unwrap(self) >> 56);
    }

    function submitEnd(RoundWord self) internal pure returns (uint256) {
        return uint40(RoundWord.unwrap(self) >> 72);
    }

    function sealedAt(RoundWord self) internal pure returns (uint256) {
        return uint40(RoundWord.unwrap(self) >> 112);
    }

    function doneAt(RoundWord self) internal pure returns (uint256) {
        return uint40(RoundWord.unwrap(self) >> 152);
    }

    function cohortsDone(RoundWord self) internal pure returns (uint256) {
        return uint16(RoundWord.unwrap(self) >> 192);
    }

    function cohortsVoid(RoundWord self) internal pure returns (uint256) {
        return uint16(RoundWord.unwrap(self) >> 208);
    }

    function isOversubscribed(RoundWord self) internal pure returns (bool) {
        return (RoundWord.unwrap(self) >> 224) & 1 == 1;
    }

    function withStatus(RoundWord self, uint256 status_) internal pure returns (RoundWord) {
        return RoundWord.wrap(RoundWord.unwrap(self).put(32, 8, status_));
    }

    /// @dev One submission more.
    function withSubmission(RoundWord self) internal pure returns (RoundWord) {
        // submissions < slots ≤ 2,048.
        unchecked {
            return RoundWord.wrap(RoundWord.unwrap(self) + (1 << 40));
        }
    }

    /// @dev The word once the beacon is there: the phases count from `sealedAt_`, in unix seconds.
    function withSeal(RoundWord self, uint256 sealedAt_) internal pure returns (RoundWord) {
        return RoundWord.wrap(RoundWord.unwrap(self).put(32, 8, SCORING).put(112, 40, sealedAt_));
    }

    /// @dev The word with so many cohorts settled or void, and so many of them void.
    function withCohorts(RoundWord self, uint256 done, uint256 void_) internal pure returns (RoundWord) {
        return RoundWord.wrap(RoundWord.unwrap(self).put(192, 16, done).put(208, 16, void_));
    }

    /// @dev The word once all cohorts are done: votes begin at `doneAt_`, in unix seconds.
    function withVotesFrom(RoundWord self, uint256 doneAt_) internal pure returns (RoundWord) {
        return RoundWord.wrap(RoundWord.unwrap(self).put(32, 8, AGGREGATING).put(152, 40, doneAt_));
    }
}

/// What a round needs only at its ends.
/// bits   0  wei reserved for the round 80 | 80 block in which it opened 48 | 128 beacon request 64
/// bits 192  contributors enrolled when it opened 24 | 216 sum of their reputations in bps then 40
type OpeningWord is uint256;

/// @notice Reads and writes an {OpeningWord}.
library Openings {
    using Bits for uint256;

    function pack(
        uint256 reserve_,
        uint256 openedBlock_,
        uint256 enrolled_,
        uint256 reputationSum_
    ) internal pure returns (OpeningWord) {
        return OpeningWord.wrap(reserve_ | (openedBlock_ << 80) | (enrolled_ << 192) | (reputationSum_ << 216));
    }

    function reserve(OpeningWord self) internal pure returns (uint256) {
        return uint80(OpeningWord.unwrap(self));
    }

    function openedBlock(OpeningWord self) internal pure returns (uint256) {
        return uint48(OpeningWord.unwrap(self) >> 80);
    }

    function beaconId(OpeningWord self) internal pure returns (uint64) {
        return uint64(OpeningWord.unwrap(self) >> 128);
    }

    function enrolled(OpeningWord self) internal pure returns (uint256) {
        return uint24(OpeningWord.unwrap(self) >> 192);
    }

    function reputationSum(OpeningWord self) internal pure returns (uint256) {
        return uint40(OpeningWord.unwrap(self) >> 216);
    }

    function withBeaconId(OpeningWord self, uint256 beaconId_) internal pure returns (OpeningWord) {
        return OpeningWord.wrap(OpeningWord.unwrap(self).put(128, 64, beaconId_));
    }
}

using Timings for TimingWord global;
using Prices for PriceWord global;
using Services for ServiceWord global;
using Populations for PopulationWord global;
using Purses for PurseWord global;
using RoundStates for RoundWord global;
using Openings for OpeningWord global;
