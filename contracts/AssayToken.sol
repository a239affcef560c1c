// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit, IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {IAssayToken} from "./interfaces/IAssayToken.sol";

/// @title AssayToken
/// @notice See {IAssayToken}.
contract AssayToken is ERC20, ERC20Permit, ERC20Votes, IAssayToken {
    /// @inheritdoc IAssayToken
    uint256 public constant MAX_SUPPLY = 1_000_000_000e18;

    /// @notice Mints the whole supply.
    /// @param holder who receives it
    constructor(address holder) ERC20("Assay", "ASSAY") ERC20Permit("Assay") {
        _mint(holder, MAX_SUPPLY);
    }

    /// @inheritdoc IAssayToken
    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    /// @notice Votes are counted by time: block numbers mean different times on different chains.
    /// @return unix seconds
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @notice The unit of {clock}, in the form of ERC-6372.
    /// @return "mode=timestamp"
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @dev Both parents override it; {ERC20Votes} also moves the votes.
    function _update(address from, address to, uint256 amount) internal override(ERC20, ERC20Votes) {
        super._update(from, to, amount);
    }

    /// @inheritdoc ERC20Permit
    function nonces(address owner) public view override(IERC20Permit, ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }
}
