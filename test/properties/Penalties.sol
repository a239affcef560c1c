// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../contracts/interfaces/ICourt.sol";
import {Penalties} from "../../contracts/libraries/Penalties.sol";

/// @notice No fault costs more than its base, and a repeat never costs less than the first one.
contract PenaltyIsAtMostItsBase {
    function prove(ICourt.CaseKind kind, uint96 base) external pure {
        uint256 first = Penalties.amountOf(kind, base, false);
        uint256 repeated = Penalties.amountOf(kind, base, true);
        assert(first <= repeated && repeated <= base);
    }
}

/// @notice A larger base never costs less: who has more weight or stake pays at least as much.
contract PenaltyGrowsWithItsBase {
    function prove(ICourt.CaseKind kind, uint96 base, uint96 more, bool isRepeat) external pure {
        require(base <= more);
        assert(Penalties.amountOf(kind, more, isRepeat) >= Penalties.amountOf(kind, base, isRepeat));
    }
}
