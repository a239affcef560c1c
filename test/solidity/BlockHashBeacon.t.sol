// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BlockHashBeacon} from "../../contracts/BlockHashBeacon.sol";
import {IBeacon} from "../../contracts/interfaces/IBeacon.sol";
import {Test} from "./fixtures/Test.sol";
import {newBlockHashBeacon} from "./fixtures/Shipped.sol";
import {vm} from "./fixtures/Vm.sol";

contract BlockHashBeaconTest is Test {
    /// The history contract of EIP-2935 and its code. It keeps the hash of block n in slot n mod 8,191.
    address private constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;
    bytes private constant HISTORY_CODE =
        hex"3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257"
        hex"611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500";
    uint256 private constant HISTORY_BLOCKS = 8_191;

    BlockHashBeacon private beacon;

    function setUp() public {
        vm.roll(1_000);
        beacon = newBlockHashBeacon(3);
    }

    function test_FixesABlockThatDoesNotExistYet() public {
        assertEq(beacon.delayBlocks(), 3);
        assertEq(beacon.request(), 1_003);

        vm.roll(1_010);
        assertEq(beacon.request(), 1_013);
    }

    function test_IsPendingUntilTheBlockIsBuried() public {
        uint64 id = beacon.request();
        for (uint256 blockNumber = 1_000; blockNumber <= 1_003; ++blockNumber) {
            vm.roll(blockNumber);
            assertRead(id, IBeacon.Status.Pending, 0);
        }
    }

    function test_IsReadyFor256Blocks() public {
        bytes32 blockHash = keccak256("block 1,003");
        bytes32 value = keccak256(abi.encode(block.chainid, address(beacon), uint64(1_003), blockHash));

        vm.roll(1_004);
        vm.setBlockhash(1_003, blockHash);
        assertRead(1_003, IBeacon.Status.Ready, value);

        vm.roll(1_003 + 256);
        vm.setBlockhash(1_003, blockHash);
        assertRead(1_003, IBeacon.Status.Ready, value);
    }

    function test_IsExpiredForEverAfterwards() public {
        vm.roll(1_003 + 257);
        assertRead(1_003, IBeacon.Status.Expired, 0);

        vm.roll(2_000_000);
        assertRead(1_003, IBeacon.Status.Expired, 0);
    }

    function test_IsReadyFor8191BlocksWhereTheChainKeepsAHistory() public {
        bytes32 blockHash = keccak256("block 1,003");
        bytes32 value = keccak256(abi.encode(block.chainid, address(beacon), uint64(1_003), blockHash));
        vm.etch(HISTORY, HISTORY_CODE);
        vm.store(HISTORY, bytes32(uint256(1_003)), blockHash);

        vm.roll(1_003 + 257);
        assertRead(1_003, IBeacon.Status.Ready, value);
        vm.roll(1_003 + HISTORY_BLOCKS);
        assertRead(1_003, IBeacon.Status.Ready, value);

        vm.roll(1_003 + HISTORY_BLOCKS + 1);
        assertRead(1_003, IBeacon.Status.Expired, 0);
    }

    /// A history that doesn't go back that far has zero there.
    function test_IsExpiredWhereTheHistoryHasNoHash() public {
        vm.etch(HISTORY, HISTORY_CODE);
        vm.roll(1_003 + 257);
        assertRead(1_003, IBeacon.Status.Expired, 0);
    }

    /// Chains without EIP-2935 have no code at that address, and other code there may answer anything.
    function test_IsExpiredWhereTheHistoryIsNone() public {
        vm.roll(1_003 + 257);
        vm.etch(HISTORY, "");
        assertRead(1_003, IBeacon.Status.Expired, 0);
        // Returns one byte.
        vm.etch(HISTORY, hex"60015ff3");
        assertRead(1_003, IBeacon.Status.Expired, 0);
        // Reverts with 32 bytes.
        vm.etch(HISTORY, hex"60205ffd");
        assertRead(1_003, IBeacon.Status.Expired, 0);
    }

    function test_Attack35_ValueDiffersByChainContractAndRequest() public {
        bytes32 blockHash = keccak256("the same hash");
        BlockHashBeacon other = newBlockHashBeacon(3);
        vm.roll(1_010);
        vm.setBlockhash(1_003, blockHash);
        vm.setBlockhash(1_004, blockHash);
        (, bytes32 value) = beacon.read(1_003);
        (, bytes32 ofOtherRequest) = beacon.read(1_004);
        (, bytes32 ofOtherContract) = other.read(1_003);
        vm.chainId(31_338);
        (, bytes32 ofOtherChain) = beacon.read(1_003);

        assertNotEq(value, blockHash);
        assertNotEq(value, ofOtherRequest);
        assertNotEq(value, ofOtherContract);
        assertNotEq(value, ofOtherChain);
    }

    function test_RevertWhen_TheDelayIsOutOfBounds() public {
        newBlockHashBeacon(1);
        newBlockHashBeacon(16);

        expectOutOfBounds(0);
        newBlockHashBeacon(0);
        expectOutOfBounds(17);
        newBlockHashBeacon(17);
    }

    /// Pending up to its block, ready for the next 256 blocks, then expired for good, for any numbers.
    function testFuzz_AnswersOnlyThePastAndNotTooLate(uint64 id, uint64 height, bytes32 blockHash, bool isNear) public {
        height = uint64(bound(height, 1_000, type(uint64).max - 1_000));
        if (isNear) id = height - 300 + (id % 600);
        if (blockHash == 0) blockHash = keccak256("a hash");
        vm.roll(height);

        if (id >= height) return assertRead(id, IBeacon.Status.Pending, 0);
        if (height - id > 256) return assertRead(id, IBeacon.Status.Expired, 0);
        vm.setBlockhash(id, blockHash);
        bytes32 value = keccak256(abi.encode(block.chainid, address(beacon), id, blockHash));
        assertRead(id, IBeacon.Status.Ready, value);
    }

    function assertRead(uint64 id, IBeacon.Status expectedStatus, bytes32 expectedValue) private view {
        (IBeacon.Status status, bytes32 value) = beacon.read(id);
        assertEq(uint256(status), uint256(expectedStatus));
        assertEq(value, expectedValue);
    }

    function expectOutOfBounds(uint256 delayBlocks) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                BlockHashBeacon.BlockHashBeacon_DelayOutOfBounds.selector,
                delayBlocks,
                uint256(1),
                uint256(16)
            )
        );
    }
}
