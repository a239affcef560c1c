// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ICourt} from "../interfaces/ICourt.sol";
import {CourtStorage} from "./CourtStorage.sol";

/// @title What the court owes, and the bonds that it takes
/// @notice Rewards stay in the registry's pot until somebody is paid from them: a verdict moves no token. The token is
/// this project's: it moves exact amounts or reverts. Its supply, and with it every sum here, is below 2⁹⁰ wei.
abstract contract Bonds is CourtStorage {
    /// The least bond as a share of the penalty.
    uint256 private constant BOND_BPS = 500;

    struct Balance {
        uint96 amount;
        bool isDeposit;
    }

    /// ASSAY wei that the court owes an account, and whether only itself withdraws them.
    mapping(address account => Balance) private _balances;

    /// @dev The bond of a case whose penalty is a share of `base`, and whose first panel has so many seats.
    function _bondFor(uint256 base, uint256 penaltyBps, uint256 seats) internal view returns (uint256) {
        // Bases and stakes are below 2⁹⁶.
        unchecked {
            uint256 ofPenalty = (((base * penaltyBps) / BPS) * BOND_BPS) / BPS;
            uint256 ofFees = (3 * seats * _fee()) / 2;
            return Math.max(Math.max(_MIN_BOND, ofPenalty), ofFees);
        }
    }

    /// @dev Takes a bond: from what the court owes the account, and the rest from its wallet.
    function _takeBond(address from, uint256 amount) internal {
        uint256 owed = _balances[from].amount;
        uint256 drawn = Math.min(owed, amount);
        if (drawn != 0) _balances[from].amount = uint96(owed - drawn);
        if (drawn != amount) _collect(from, amount - drawn);
    }

    function _collect(address from, uint256 amount) private {
        _TOKEN.transferFrom(from, address(this), amount);
    }

    /// @dev Notes what the court owes.
    function _owe(address account, uint256 amount) internal {
        if (amount != 0) _balances[account].amount += uint96(amount);
    }

    /// @dev Burns what nobody gets.
    function _burn(uint256 amount) internal {
        if (amount == 0) return;
        _fetchRewards(amount);
        _TOKEN.burn(amount);
    }

    /// @dev Fetches all rewards from the registry if the court itself holds less than `needed`.
    function _fetchRewards(uint256 needed) private {
        if (_TOKEN.balanceOf(address(this)) < needed) _REGISTRY.payReward(address(this), _REGISTRY.rewardPot());
    }

    /// @inheritdoc ICourt
    function deposit(uint256 amount) external {
        _balances[msg.sender] = Balance(uint96(_balances[msg.sender].amount + amount), true);

        _collect(msg.sender, amount);

        emit Deposited(msg.sender, amount);
    }

    /// @inheritdoc ICourt
    function withdraw(address account) external returns (uint256 amount) {
        Balance memory balance = _balances[account];
        amount = balance.amount;
        if (amount == 0) revert Court_NothingOwed(account);
        if (balance.isDeposit && msg.sender != account) revert Court_OnlyDepositor(msg.sender, account);

        delete _balances[account];

        _fetchRewards(amount);
        _TOKEN.transfer(account, amount);

        emit Withdrawn(account, amount);
    }

    /// @inheritdoc ICourt
    function owedTo(address account) external view returns (uint256) {
        return _balances[account].amount;
    }
}
