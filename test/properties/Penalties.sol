// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../contracts/interfaces/ICourt.sol";
import {Penalties} from "../../contracts/libraries/Penalties.sol";

/// @notice No fault costs more than its base, and one with more others before it never costs less.
contract PenaltyIsAtMostItsBase {
    function prove(ICourt.CaseKind kind, uint96 base, uint8 before) external pure {
        require(before < Penalties.REPEAT_ROUNDS);
        uint256 fewer = Penalties.amountOf(kind, base, before);
        uint256 more = Penalties.amountOf(kind, base, uint256(before) + 1);
        assert(fewer <= more && more <= base);
    }
}

/// @notice A larger base never costs less: who has more weight or stake pays at least as much.
contract PenaltyGrowsWithItsBase {
    function prove(ICourt.CaseKind kind, uint96 base, uint96 more, uint8 before) external pure {
        require(base <= more && before < Penalties.REPEAT_ROUNDS);
        assert(Penalties.amountOf(kind, more, before) >= Penalties.amountOf(kind, base, before));
    }
}
