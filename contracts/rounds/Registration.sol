// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTasks} from "../interfaces/IRoundsTasks.sol";
import {ITasks} from "../interfaces/ITasks.sol";
import {PayTermsWordLibrary} from "../types/PayTermsWord.sol";
import {PlaceWord} from "../types/PlaceWord.sol";
import {PoolWord, PoolWordLibrary} from "../types/PoolWord.sol";
import {PurseWordLibrary} from "../types/PurseWord.sol";
import {RosterWord, RosterWordLibrary} from "../types/RosterWord.sol";
import {RoundTermsWordLibrary} from "../types/RoundTermsWord.sol";
import {ValidationTermsWordLibrary} from "../types/ValidationTermsWord.sol";
import {RoundsStorage} from "./RoundsStorage.sol";

/// @title Registering tasks, and what entering and leaving share
/// @notice The terms of a task are copied at its creation and never change.
abstract contract Registration is RoundsStorage, IRoundsTasks {
    /// @dev Only the escrow registers tasks and lets accounts enter and leave.
    modifier onlyTasks() {
        address tasks = address(_tasks());
        if (msg.sender != tasks) revert Rounds_OnlyTasks(msg.sender, tasks);
        _;
    }

    /// @inheritdoc IRoundsTasks
    function registerTask(uint64 taskId, ITasks.TaskParams calldata params) external onlyTasks {
        _roundTerms[taskId] = RoundTermsWordLibrary.pack(params);
        _payTerms[taskId] = PayTermsWordLibrary.pack(params);
        _validationTerms[taskId] = ValidationTermsWordLibrary.pack(params);
        _purses[taskId] = PurseWordLibrary.empty(params.rewardToken);
        _baseModels[taskId] = params.initialModelHash;
        PoolWord pool = PoolWordLibrary.initial();
        _pools[taskId] = pool;
        _poolRoots[taskId][pool.current()] = params.poolRoot;
    }

    /// @inheritdoc IRoundsTasks
    function announcePool(uint64 taskId, bytes32 poolRoot) external onlyTasks returns (uint32 firstRound) {
        PoolWord pool = _pools[taskId];
        if (pool.announcedFor() > _rounds[taskId].round() + 1) {
            revert Rounds_PoolPending(taskId, uint32(pool.announcedFor()));
        }
        if (poolRoot == _poolRoots[taskId][pool.current()]) revert Rounds_SamePool(taskId, poolRoot);

        firstRound = _roundAfterNext(taskId);
        // A pool that nobody can judge by would stop the task for good.
        if (pool.announcedFor() != 0) _forgetAnnounced(taskId);
        _poolRoots[taskId][pool.announced()] = poolRoot;
        _pools[taskId] = pool.withAnnounced(firstRound);
    }

    /// @dev Nobody is ready for the announced pool any more.
    function _forgetAnnounced(uint64 taskId) private {
        RosterWord bits = _rosterBits[taskId];
        mapping(uint256 index => PlaceWord) storage places = _nextRoster[taskId];
        for (uint256 i = 0; i < RosterWordLibrary.PLACES + RosterWordLibrary.CANDIDATES; ++i) {
            if (bits.isTaken(i)) places[i] = places[i].withoutReadyForAnnounced();
        }
    }

    /// @dev The number of the round after the next one. Reverts with `Rounds_AllRoundsDone` if there is none.
    function _roundAfterNext(uint64 taskId) private view returns (uint32 round) {
        round = _rounds[taskId].round() + 2;
        uint256 maxRounds = _validationTerms[taskId].maxRounds();
        if (round > maxRounds) revert Rounds_AllRoundsDone(taskId, maxRounds);
    }

    /// @dev Reverts before `finalAt`, in unix seconds.
    function _requireFinal(uint64 taskId, uint256 finalAt) internal view {
        if (block.timestamp < finalAt) revert Rounds_NotFinal(taskId, finalAt);
    }
}
