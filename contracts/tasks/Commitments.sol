// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITasks} from "../interfaces/ITasks.sol";
import {RoundRecords} from "../libraries/RoundRecords.sol";

/// @title What accounts commit to in a task
/// @notice The data root of a contributor, the hash of a validator's encryption key. Cases outlast roles: nothing is
/// deleted.
abstract contract Commitments is ITasks {
    /// The latest commitment, also of who left.
    mapping(uint64 taskId => mapping(address account => bytes32)) internal _commitmentOf;
    /// Hash chain of those that others replaced, see {RoundRecords}.
    mapping(uint64 taskId => mapping(address account => bytes32)) private _formerOf;

    /// @dev Stores what the caller commits to, from `firstRound` on. What it replaces stays provable.
    function _commit(uint64 taskId, bytes32 commitment, uint32 firstRound) internal {
        bytes32 before = _commitmentOf[taskId][msg.sender];
        if (before == commitment) return;

        _commitmentOf[taskId][msg.sender] = commitment;
        if (before == 0) return;
        bytes32 former = _formerOf[taskId][msg.sender];
        _formerOf[taskId][msg.sender] = RoundRecords.replaced(former, before, firstRound);

        emit CommitmentReplaced(taskId, msg.sender, before, firstRound);
    }

    /// @inheritdoc ITasks
    function commitmentsOf(uint64 taskId, address account) external view returns (bytes32 latest, bytes32 former) {
        return (_commitmentOf[taskId][account], _formerOf[taskId][account]);
    }
}
