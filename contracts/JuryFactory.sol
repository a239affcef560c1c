// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "./interfaces/IBeacon.sol";
import {IJury} from "./interfaces/IJury.sol";
import {IJuryFactory} from "./interfaces/IJuryFactory.sol";
import {Jury} from "./Jury.sol";

/// @title JuryFactory
/// @notice See {IJuryFactory}. It has neither money nor state.
contract JuryFactory is IJuryFactory {
    /// @inheritdoc IJuryFactory
    function create(IBeacon beacon, IJury.JuryTerms calldata terms) external returns (IJury) {
        return new Jury(msg.sender, beacon, terms);
    }
}
