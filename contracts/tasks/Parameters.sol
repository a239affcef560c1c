// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITasks} from "../interfaces/ITasks.sol";

/// @title What a task was created with
/// @notice And the few of its parameters that cases need.
abstract contract Parameters is ITasks {
    /// Parameters of each task; they never change.
    mapping(uint64 taskId => TaskParams) internal _paramsOf;

    /// @inheritdoc ITasks
    function caseTermsOf(uint64 taskId) external view returns (CaseTerms memory) {
        TaskParams storage params = _paramsOf[taskId];
        return
            CaseTerms({
                contributorStake: params.contributorStake,
                minValidatorStake: params.minValidatorStake,
                challengeSeconds: params.challengeSeconds
            });
    }

    /// @inheritdoc ITasks
    function shapeOf(uint64 taskId) external view returns (uint256 windowsPerRound, uint256 committeeSize) {
        TaskParams storage params = _paramsOf[taskId];
        return (params.windowsPerRound, params.committeeSize);
    }
}
