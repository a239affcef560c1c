// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "../interfaces/IAccusations.sol";
import {ICourt} from "../interfaces/ICourt.sol";
import {IRoundsCourt} from "../interfaces/IRoundsCourt.sol";
import {ITasks} from "../interfaces/ITasks.sol";
import {ContractCode} from "../libraries/ContractCode.sol";

/// @title What all accusations have in common
/// @notice The contracts that are read, the round that must be open to cases, and the facts that a case starts from.
abstract contract Accusing {
    ITasks internal immutable _TASKS;
    IRoundsCourt internal immutable _ROUNDS;

    /// @notice Sets the contracts that it reads.
    /// @param tasks_ a connected {Tasks}
    constructor(ITasks tasks_) {
        _requireContract(address(tasks_));
        _requireContract(tasks_.rounds());

        _TASKS = tasks_;
        _ROUNDS = IRoundsCourt(tasks_.rounds());
    }

    function _requireContract(address account) internal view {
        if (!ContractCode.isContract(account)) revert IAccusations.Accusations_NotAContract(account);
    }

    /// @dev The terms of the task and the record of its round, if that was sealed, has closed and isn't final.
    function _requireOpenToCases(
        uint64 taskId,
        uint32 round
    ) internal view returns (ITasks.CaseTerms memory terms, uint224 record, uint256 submissions) {
        terms = _TASKS.caseTermsOf(taskId);
        (, uint256 closedAt) = _ROUNDS.timesOf(taskId, round);
        uint256 finalAt = closedAt == 0 ? 0 : closedAt + terms.challengeSeconds;
        (record, submissions) = _ROUNDS.recordOf(taskId, round);
        // Only a sealed round has submissions.
        if (block.timestamp >= finalAt || submissions == 0) {
            revert IAccusations.Accusations_RoundNotOpenToCases(taskId, round, closedAt, finalAt);
        }
    }

    function _factsOf(
        ICourt.CaseKind kind,
        uint64 taskId,
        uint32 round,
        address defendant
    ) internal view returns (ICourt.Facts memory facts) {
        (facts.kind, facts.taskId, facts.round) = (kind, taskId, round);
        (facts.challenger, facts.defendant) = (msg.sender, defendant);
    }
}
