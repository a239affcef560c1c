// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PlaceWord, PlaceWordLibrary} from "../types/PlaceWord.sol";
import {ValidatorWord} from "../types/ValidatorWord.sol";
import {RoundsStorage} from "./RoundsStorage.sol";

/// @title Changes of the next roster
/// @notice Shared by those who leave it and by the end of a round, which fines.
abstract contract NextRoster is RoundsStorage {
    /// @dev Frees the validator's place in the next roster. The caller stores the returned word.
    function _vacate(uint64 taskId, ValidatorWord word) internal returns (ValidatorWord) {
        uint256 index = word.nextPlace() - 1;
        _nextRoster[taskId][index] = PlaceWord.wrap(0);
        _rosterBits[taskId] = _rosterBits[taskId].withFree(index);
        return word.withoutNextPlace();
    }

    /// @dev Updates the stake in the next roster after a slash.
    function _refreshStake(uint64 taskId, ValidatorWord word, uint256 stake) internal {
        if (word.nextPlace() == 0) return;
        uint256 index = word.nextPlace() - 1;
        PlaceWord place = _nextRoster[taskId][index];
        if (place.stake() == stake) return;

        _nextRoster[taskId][index] = PlaceWordLibrary.pack(place.account(), stake);
        _rosterBits[taskId] = _rosterBits[taskId].withChanged(index);
    }
}
