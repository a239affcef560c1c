// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../interfaces/ICourt.sol";
import {Bonds} from "./Bonds.sol";
import {Offences} from "./Offences.sol";

/// @title Who gets the reward for an offence
/// @notice The challenger that committed to its accusation first, of all whose cases end Guilty: who copies an accusation
/// commits later. Nothing waits where no other case against the account was open when its penalty was taken.
abstract contract Rewards is Bonds, Offences {
    mapping(bytes32 offence => HeldReward) private _held;

    function _heldOf(Facts memory facts, address defendant) private view returns (HeldReward storage) {
        return _held[_offenceOf(facts.kind, facts.taskId, facts.round, defendant)];
    }

    /// @dev What is left of the reward for an offence that was punished in another case.
    function _leftReward(Facts memory facts, address defendant) internal view returns (uint256) {
        return _heldOf(facts, defendant).amount;
    }

    /// @dev Gives a reward to the challenger of a case. It waits if others may have a part in it: there are other cases
    /// against the account, or were when its offence was punished.
    function _giveReward(
        uint256 caseId,
        Facts memory facts,
        address defendant,
        uint256 amount,
        bool isShared
    ) internal returns (uint256 given) {
        if (!isShared) {
            _owe(facts.challenger, amount);
            return amount;
        }
        HeldReward storage held = _heldOf(facts, defendant);
        if (held.until != 0) {
            held.amount = uint96(amount);
            bool isEarlier = facts.committedAt < held.committedAt;
            if (isEarlier || (facts.committedAt == held.committedAt && caseId < held.caseId)) {
                (held.committedAt, held.caseId) = (facts.committedAt, uint56(caseId));
            }
            return 0;
        }
        if (amount == 0) return 0;
        uint256 until = block.timestamp + _LONGEST_SECONDS;
        (held.amount, held.committedAt) = (uint96(amount), facts.committedAt);
        (held.caseId, held.until) = (uint56(caseId), uint40(until));

        emit RewardHeld(caseId, defendant, amount, until);
    }

    /// @inheritdoc ICourt
    function payReward(uint256 caseId, Facts calldata facts, address defendant) external {
        Facts memory found = _foundBy(caseId, _requireFacts(caseId, facts), facts, defendant);
        HeldReward storage held = _heldOf(found, defendant);
        (uint256 amount, uint256 until) = (held.amount, held.until);
        if (held.caseId != caseId || amount == 0) revert Court_NoReward(caseId, defendant);
        _requireFrom(caseId, until);

        (held.amount, held.committedAt, held.caseId, held.until) = (0, 0, 0, 0);
        _owe(facts.challenger, amount);

        emit RewardDecided(caseId, defendant, amount);
    }

    /// @inheritdoc ICourt
    function heldRewardOf(
        CaseKind kind,
        uint64 taskId,
        uint32 round,
        address defendant
    ) external view returns (HeldReward memory) {
        return _held[_offenceOf(kind, taskId, round, defendant)];
    }
}
