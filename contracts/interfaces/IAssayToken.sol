// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title ASSAY: the token that is staked
/// @notice An ERC-20 with permits (ERC-2612) and votes counted by time (ERC-5805). The whole supply is minted at
/// deployment, to a holder named then. Nobody can mint later, and slashed tokens are burnt, so the supply only shrinks.
interface IAssayToken is IERC20, IERC20Permit {
    /// @notice The supply minted at deployment, the most that can ever exist.
    /// @return ASSAY wei: 10⁹ ASSAY, under 2⁹⁰ wei
    function MAX_SUPPLY() external view returns (uint256);

    /// @notice Burns tokens of the caller.
    /// @param amount ASSAY wei; more than the balance reverts with `ERC20InsufficientBalance`
    function burn(uint256 amount) external;
}
