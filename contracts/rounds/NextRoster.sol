// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Sampling} from "../libraries/Sampling.sol";
import {PlaceWord} from "../types/PlaceWord.sol";
import {ValidatorWord} from "../types/ValidatorWord.sol";
import {RoundsStorage} from "./RoundsStorage.sol";

/// @title Changes of the next roster
/// @notice Shared by those who enter and leave it, by an opening, which seats candidates, and by the end of a round,
/// which fines.
abstract contract NextRoster is RoundsStorage {
    /// @dev Frees the validator's place in the next roster, or among the candidates. The caller stores the returned
    /// word.
    function _vacate(uint64 taskId, ValidatorWord word) internal returns (ValidatorWord) {
        uint256 index = word.nextPlace() - 1;
        _nextRoster[taskId][index] = PlaceWord.wrap(0);
        _rosterBits[taskId] = _rosterBits[taskId].withFree(index);
        return word.withoutNextPlace();
    }

    /// @dev Updates the weight in the next roster after a slash, or after stake was added.
    function _refreshStake(uint64 taskId, ValidatorWord word, uint256 stake) internal {
        if (word.nextPlace() == 0) return;
        uint256 index = word.nextPlace() - 1;
        PlaceWord place = _nextRoster[taskId][index];
        uint256 weight = _weightOf(taskId, stake);
        if (place.weight() == weight) return;

        _nextRoster[taskId][index] = place.withWeight(weight);
        _rosterBits[taskId] = _rosterBits[taskId].withChanged(index);
    }

    /// @dev Weight of a stake in ASSAY wei, 0 or 204…1,024.
    function _weightOf(uint64 taskId, uint256 stake) internal view returns (uint256) {
        return Sampling.weightOf(stake, _validationTerms[taskId].minValidatorStake());
    }
}
