// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The storage slots of Rounds
/// @notice The storage slot of each variable of {RoundsStorage}, and of a value in its mappings. A test compares the
/// slots with the compiler's storage layout. Twin: `sdk/protocol/rounds-slots.ts`.
library RoundsSlots {
    uint256 internal constant ROUND_TERMS = 0;
    uint256 internal constant VALIDATION_TERMS = 2;
    uint256 internal constant TOTALS = 3;
    uint256 internal constant PURSES = 4;
    uint256 internal constant ROUNDS = 5;
    uint256 internal constant STARTS = 6;
    uint256 internal constant BASE_MODELS = 7;
    uint256 internal constant PREVIOUS_BEACONS = 8;
    uint256 internal constant BEACONS = 9;
    uint256 internal constant CLOSINGS = 10;
    uint256 internal constant PARTICIPANTS = 11;
    uint256 internal constant VALIDATORS = 12;
    uint256 internal constant EARNINGS = 13;
    uint256 internal constant HELD = 14;
    uint256 internal constant FROZEN_WEIGHTS = 15;
    uint256 internal constant FROZEN_ROSTER = 16;
    uint256 internal constant NEXT_ROSTER = 17;
    uint256 internal constant PAGES = 19;
    uint256 internal constant SHEETS = 20;
    uint256 internal constant COHORTS = 21;
    uint256 internal constant VOTES = 23;
    uint256 internal constant MODEL_VOTES = 24;
    uint256 internal constant ENROLLED_AT = 25;
    uint256 internal constant JOINED = 27;
    uint256 internal constant POOL_ROOTS = 28;
    uint256 internal constant POOLS = 29;
    uint256 internal constant SEIZED = 32;
    uint256 internal constant FORFEITED = 33;
    uint256 internal constant ROLL_BACKS = 34;

    /// @notice The storage slot of a task's value.
    /// @param variable slot of the mapping, one of the constants
    /// @param taskId the task
    /// @return its slot; for an array or a mapping its base slot
    function ofTask(uint256 variable, uint64 taskId) internal pure returns (bytes32) {
        return keccak256(abi.encode(taskId, variable));
    }

    /// @notice The storage slot of an account's value in a task.
    /// @param variable slot of the mapping, one of the constants
    /// @param taskId the task
    /// @param account contributor or validator
    /// @return its slot
    function ofAccount(uint256 variable, uint64 taskId, address account) internal pure returns (bytes32) {
        return keccak256(abi.encode(account, ofTask(variable, taskId)));
    }

    /// @notice The storage slot of a value under a number in a task: a key from {StorageKeys}, or the number of a
    /// cohort, a seat or a roster index.
    /// @param variable slot of the mapping, one of the constants
    /// @param taskId the task
    /// @param key of the value in the mapping
    /// @return its slot
    function ofKey(uint256 variable, uint64 taskId, uint256 key) internal pure returns (bytes32) {
        return keccak256(abi.encode(key, ofTask(variable, taskId)));
    }

    /// @notice The storage slot of a validator's commitment to its sheets.
    /// @param taskId the task
    /// @param validator who committed
    /// @param key in the ring, see {StorageKeys.sheet}
    /// @return its slot
    function ofSheet(uint64 taskId, address validator, uint256 key) internal pure returns (bytes32) {
        return keccak256(abi.encode(key, ofAccount(SHEETS, taskId, validator)));
    }
}
