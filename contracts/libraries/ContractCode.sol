// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Whether an address is a contract that stays one
/// @notice Since EIP-7702 a wallet can delegate to code and stop doing so at any time. Such a wallet does not count as
/// a contract.
library ContractCode {
    /// Length of a delegating wallet's code: 0xef0100 and the 20 bytes of the delegate.
    uint256 private constant DELEGATION_BYTES = 23;
    bytes3 private constant DELEGATION_PREFIX = 0xef0100;

    /// @notice Whether an account has code of its own.
    /// @param account any address
    /// @return false for an account without code, and for a wallet that delegates to code
    function isContract(address account) internal view returns (bool) {
        uint256 length = account.code.length;
        if (length == 0) return false;

        return length != DELEGATION_BYTES || bytes3(account.code) != DELEGATION_PREFIX;
    }
}
