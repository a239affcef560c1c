// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Sampling} from "../../contracts/libraries/Sampling.sol";

/// @notice The weight of a stake is at most 1,024, and 1,024 from four times the minimum on.
contract WeightIsBounded {
    function prove(uint256 stake, uint256 minStake) external pure {
        require(stake <= 1e27 && minStake >= 1 ether && minStake <= 1e27);
        uint256 weight = Sampling.weightOf(stake, minStake);
        assert(weight <= 1_024);
        assert(stake < 4 * minStake || weight == 1_024);
    }
}

/// @notice Whoever has less than four fifths of the minimum has no weight.
contract NoWeightBelowFourFifths {
    function prove(uint256 stake, uint256 minStake) external pure {
        require(stake <= 1e27 && minStake >= 1 ether && minStake <= 1e27);
        assert(stake >= minStake - minStake / 5 || Sampling.weightOf(stake, minStake) == 0);
    }
}

/// @notice Whoever has the minimum has a weight of at least 256.
contract TheMinimumHasItsWeight {
    function prove(uint256 stake, uint256 minStake) external pure {
        require(stake <= 1e27 && minStake >= 1 ether && minStake <= 1e27 && stake >= minStake);
        assert(Sampling.weightOf(stake, minStake) >= 256);
    }
}

/// @notice An update is audited with a probability of 5…100 %, certainly if it is the contributor's first, and a flag or less
/// experience never lowers it.
contract AuditProbabilityIsBounded {
    function prove(uint256 reputationBps, uint256 seen, bool flagged) external pure {
        require(reputationBps >= 5_000 && reputationBps <= 15_000 && seen < 1_000_000);
        uint256 bps = Sampling.auditProbabilityBps(reputationBps, seen, flagged);
        assert(bps >= 500 && bps <= 10_000);
        assert(seen != 0 || bps == 10_000);
        assert(Sampling.auditProbabilityBps(reputationBps, seen, true) >= bps);
        assert(Sampling.auditProbabilityBps(reputationBps, seen + 1, flagged) <= bps);
    }
}

/// @notice The chance of a slot is at most 1, and 1 for all if there are enough slots.
contract SlotProbabilityIsBounded {
    function prove(uint256 reputationBps, uint256 reputationSum, uint256 slots, uint256 enrolled) external pure {
        require(reputationBps <= 15_000 && reputationSum < 2 ** 40 && slots <= 2_048 && enrolled < 2 ** 24);
        uint256 bps = Sampling.slotProbabilityBps(reputationBps, reputationSum, slots, enrolled);
        assert(bps <= 10_000);
        assert(enrolled > slots || bps == 10_000);
    }
}

/// @notice A higher reputation never lowers the chance of a slot.
contract SlotProbabilityGrowsWithReputation {
    function prove(uint256 reputationBps, uint256 more, uint256 sum, uint256 slots, uint256 enrolled) external pure {
        require(reputationBps <= more && more <= 15_000 && sum < 2 ** 40 && slots <= 2_048 && enrolled < 2 ** 24);
        uint256 bps = Sampling.slotProbabilityBps(reputationBps, sum, slots, enrolled);
        assert(Sampling.slotProbabilityBps(more, sum, slots, enrolled) >= bps);
    }
}

/// @notice A higher reputation never raises the probability of an audit.
contract AuditProbabilityFallsWithReputation {
    function prove(uint256 reputationBps, uint256 more, uint256 seen, bool flagged) external pure {
        require(reputationBps >= 5_000 && reputationBps <= more && more <= 15_000 && seen < 1_000_000);
        assert(
            Sampling.auditProbabilityBps(more, seen, flagged) <=
                Sampling.auditProbabilityBps(reputationBps, seen, flagged)
        );
    }
}

/// @notice No seat is assigned more windows than are drawn, and no two seats' numbers differ by more than one.
contract WindowsAreSharedEvenly {
    function prove(uint256 windows, uint256 seatCount, uint256 seat, uint256 other) external pure {
        require(windows <= 6 && seatCount >= 3 && seatCount <= 15 && seat < seatCount && other < seatCount);
        uint256 assigned = Sampling.assignedWindows(windows, seatCount, seat);
        assert(assigned <= windows);
        assert(assigned <= Sampling.assignedWindows(windows, seatCount, other) + 1);
    }
}

/// @notice There are enough cohorts for all submissions, and not one more than needed.
contract CohortsAreEnough {
    function prove(uint256 count) external pure {
        require(count <= 2_048);
        uint256 cohorts = Sampling.cohortCount(count);
        assert(cohorts * 16 >= count && cohorts * 16 < count + 16);
    }
}
