// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "./IBeacon.sol";
import {IJury} from "./IJury.sol";

/// @title JuryFactory: makes the jury of a court
/// @notice The code that makes a {Jury} doesn't fit into that which makes the {ICourt}. The court calls this contract while
/// it is created; nobody needs it afterwards.
interface IJuryFactory {
    /// @notice Creates a jury for the caller: nobody else can ever ask it for panels.
    /// @param beacon the randomness of its draws
    /// @param terms see {IJury.JuryTerms}
    /// @return the new jury
    function create(IBeacon beacon, IJury.JuryTerms calldata terms) external returns (IJury);
}
