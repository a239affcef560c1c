// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IJury} from "../interfaces/IJury.sol";

/// @title Votes of a panel, and what they come to
/// @notice The two values with the most weight are counted in the panel's own slot.
abstract contract Ballots is IJury {
    /// What votes change: one slot. `second` is the value with the most weight but the leading one, so that a vote for
    /// either writes no other slot.
    struct Tally {
        uint64 drawn;
        uint64 revealed;
        uint24 totalWeight;
        uint24 revealedWeight;
        uint24 leadingWeight;
        uint24 secondWeight;
        uint8 leadingPlace;
        uint8 secondPlace;
        bool hasAll;
    }

    mapping(uint256 panelId => Tally) internal _tallies;
    /// A seat's commitment until it reveals, then what it reported.
    mapping(uint256 panelId => mapping(uint256 place => bytes32 vote)) internal _votes;
    /// Of each value but the leading and the second one.
    mapping(uint256 panelId => mapping(bytes32 result => uint256 weight)) private _weightOf;

    /// @dev Adds the vote of a place, and notes the two values with the most weight. A value with the same weight doesn't
    /// take the place of another; that decides nothing, because a majority is more than half.
    function _count(uint256 panelId, Tally memory tally, uint256 place, bytes32 result, uint256 weight) internal {
        tally.revealedWeight += uint24(weight);
        if (tally.leadingWeight == 0 || result == _votes[panelId][tally.leadingPlace]) {
            if (tally.leadingWeight == 0) tally.leadingPlace = uint8(place);
            tally.leadingWeight += uint24(weight);
            return;
        }
        if (tally.secondWeight == 0 || result == _votes[panelId][tally.secondPlace]) {
            if (tally.secondWeight == 0) tally.secondPlace = uint8(place);
            tally.secondWeight += uint24(weight);
        } else _countOther(panelId, tally, place, result, weight);
        if (tally.secondWeight > tally.leadingWeight) {
            (tally.leadingPlace, tally.secondPlace) = (tally.secondPlace, tally.leadingPlace);
            (tally.leadingWeight, tally.secondWeight) = (tally.secondWeight, tally.leadingWeight);
        }
    }

    /// @dev Adds a vote for a value that is neither the leading nor the second one.
    function _countOther(uint256 panelId, Tally memory tally, uint256 place, bytes32 result, uint256 weight) private {
        uint256 total = _weightOf[panelId][result] + weight;
        if (total <= tally.secondWeight) {
            _weightOf[panelId][result] = total;
            return;
        }
        _weightOf[panelId][_votes[panelId][tally.secondPlace]] = tally.secondWeight;
        (tally.secondPlace, tally.secondWeight) = (uint8(place), uint24(total));
    }

    /// @dev The value with the majority that it needs, 0 if none has.
    function _resultOf(uint256 panelId, Tally memory tally) internal view returns (bytes32) {
        uint256 base = tally.hasAll ? tally.revealedWeight : tally.totalWeight;
        bool hasQuorum = !tally.hasAll || 2 * uint256(tally.revealedWeight) >= tally.totalWeight;
        if (!hasQuorum || 2 * uint256(tally.leadingWeight) <= base) return 0;
        return _votes[panelId][tally.leadingPlace];
    }

    /// @dev Seats of a panel. Where jurors have no weights, each counts one.
    function _seatsIn(Tally memory tally) internal pure returns (uint256 seats) {
        if (!tally.hasAll) return tally.totalWeight;
        for (uint256 drawn = tally.drawn; drawn != 0; drawn &= drawn - 1) ++seats;
    }

    /// @inheritdoc IJury
    function hasReports(uint256 panelId) external view returns (bool) {
        return _tallies[panelId].leadingWeight != 0;
    }
}
