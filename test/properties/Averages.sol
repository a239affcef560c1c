// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Reputation} from "../../contracts/libraries/Reputation.sol";

/// @notice Reputation stays within 5,000…15,000 bps, and never moves past its target.
contract ReputationStaysInBounds {
    function prove(uint256 reputationBps, uint256 qualityBps) external pure {
        require(reputationBps >= 5_000 && reputationBps <= 15_000 && qualityBps <= 10_000);
        uint256 next = Reputation.next(reputationBps, qualityBps);
        uint256 target = 5_000 + qualityBps;
        assert(next >= 5_000 && next <= 15_000);
        assert(
            reputationBps <= target ? next >= reputationBps && next <= target : next <= reputationBps && next >= target
        );
    }
}

/// @notice Reputation never falls when quality rises.
contract ReputationGrowsWithQuality {
    function prove(uint256 reputationBps, uint256 qualityBps, uint256 more) external pure {
        require(reputationBps >= 5_000 && reputationBps <= 15_000);
        require(qualityBps <= more && more <= 10_000);
        assert(Reputation.next(reputationBps, more) >= Reputation.next(reputationBps, qualityBps));
    }
}

/// @notice A running average lies between its former value and the new one.
contract RunningAverageLiesBetween {
    function prove(uint256 running, uint256 value, bool isJudged) external pure {
        uint256 next = Reputation.runningNext(running, value, isJudged);
        (uint256 low, uint256 high) = running < value ? (running, value) : (value, running);
        assert(next >= low && next <= high);
    }
}

/// @notice At most 48 proven windows are remembered; more replayed ones never make them fewer, more withheld ones never more.
contract ProvenWindowsAreBounded {
    function prove(uint256 proven, uint256 added, uint256 lost, uint256 moreAdded, uint256 moreLost) external pure {
        require(proven <= 48 && added <= moreAdded && moreAdded <= 90 && lost <= moreLost && moreLost <= 36);
        uint256 next = Reputation.provenNext(proven, added, lost);
        assert(next <= 48);
        assert(Reputation.provenNext(proven, moreAdded, lost) >= next);
        assert(Reputation.provenNext(proven, added, moreLost) <= next);
    }
}

/// @notice What withheld windows leave of the pay is at most all of it, all of it if none was withheld, nothing if all were, and
/// never grows with them.
contract WithheldWindowsOnlyCost {
    function prove(uint256 withheld, uint256 more, uint256 drawn) external pure {
        require(drawn >= 1 && drawn <= 6 && withheld <= more && more <= drawn);
        uint256 kept = Reputation.keptBps(withheld, drawn);
        assert(kept <= 10_000);
        assert(withheld != 0 || kept == 10_000);
        assert(withheld != drawn || kept == 0);
        assert(Reputation.keptBps(more, drawn) <= kept);
    }
}

/// @notice A decayed sum of duties never outgrows its field: it is at most 2,048 times the most duties of a round, + 7.
contract DecayedSumFitsItsField {
    function prove(uint256 sum, uint256 fresh, uint256 most) external pure {
        require(most <= 257 && fresh <= most && sum <= 2_048 * most + 7);
        uint256 next = Reputation.decayedSum(sum, fresh);
        assert(next <= 2_048 * most + 7);
        assert(next < 2 ** 24);
    }
}

/// @notice The uptime bonus is 0 or 10,000…12,000 bps, and one more duty done never lowers it.
contract UptimeBonusIsBounded {
    function prove(uint256 dutySum, uint256 doneSum, uint256 dutyTotal) external pure {
        require(dutySum < 2 ** 24 && doneSum < dutySum);
        uint256 bonus = Reputation.uptimeBps(dutySum, doneSum, dutyTotal);
        assert(bonus == 0 || (bonus >= 10_000 && bonus <= 12_000));
        assert(Reputation.uptimeBps(dutySum, doneSum + 1, dutyTotal) >= bonus);
    }
}

/// @notice Reputation moves by at most an eighth of its range a round, and only towards its target.
contract ReputationMovesSlowly {
    function prove(uint256 reputationBps, uint256 qualityBps) external pure {
        require(reputationBps >= 5_000 && reputationBps <= 15_000 && qualityBps <= 10_000);
        uint256 next = Reputation.next(reputationBps, qualityBps);
        assert(next <= reputationBps + 1_250 && reputationBps <= next + 1_250);
    }
}

/// @notice A running average never falls when the new value is higher.
contract RunningAverageGrowsWithItsValue {
    function prove(uint256 running, uint256 value, uint256 more, bool isJudged) external pure {
        require(value <= more);
        assert(Reputation.runningNext(running, more, isJudged) >= Reputation.runningNext(running, value, isJudged));
    }
}

/// @notice Who withholds a share of its windows loses at least that share of the pay.
contract WithholdingCostsMoreThanItSaves {
    function prove(uint256 withheld, uint256 drawn) external pure {
        require(drawn >= 1 && drawn <= 6 && withheld <= drawn);
        assert(Reputation.keptBps(withheld, drawn) * drawn <= 10_000 * (drawn - withheld));
    }
}

/// @notice No validator has done more than its duties, round after round.
contract DoneIsAtMostDue {
    function prove(uint256 due, uint256 done, uint256 freshDue, uint256 freshDone) external pure {
        require(due < 2 ** 24 && done <= due && freshDue <= 257 && freshDone <= freshDue);
        assert(Reputation.decayedSum(done, freshDone) <= Reputation.decayedSum(due, freshDue));
    }
}

/// @notice Who has done all its duties has the whole bonus, once they are ten.
contract AllDutiesEarnTheWholeBonus {
    function prove(uint256 dutySum, uint256 dutyTotal) external pure {
        require(dutySum >= 1 && dutySum < 2 ** 24 && dutyTotal >= 10);
        assert(Reputation.uptimeBps(dutySum, dutySum, dutyTotal) == 12_000);
    }
}
