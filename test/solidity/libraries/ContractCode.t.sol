// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ContractCode} from "../../../contracts/libraries/ContractCode.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// @notice An account with code is a contract; one that delegates by EIP-7702 is not.
contract ContractCodeTest is Test {
    address private constant PLACE = address(0xc0de);

    function test_NobodyIsAContract() public view {
        assertFalse(ContractCode.isContract(address(0)));
        assertFalse(ContractCode.isContract(PLACE));
        assertTrue(ContractCode.isContract(address(this)));
    }

    function testFuzz_AWalletThatPointsAtCodeIsNoContract(address target) public {
        vm.etch(PLACE, abi.encodePacked(hex"ef0100", target));
        assertFalse(ContractCode.isContract(PLACE));
    }

    /// With another length or another prefix it is code of its own.
    function testFuzz_AnythingElseIsAContract(bytes memory code, bytes3 prefix, bytes20 rest) public {
        if (prefix == 0xef0100) prefix = 0xef0101;
        vm.etch(PLACE, abi.encodePacked(prefix, rest));
        assertTrue(ContractCode.isContract(PLACE));

        vm.etch(PLACE, bytes.concat(hex"60", code));
        assertTrue(ContractCode.isContract(PLACE));
    }
}
