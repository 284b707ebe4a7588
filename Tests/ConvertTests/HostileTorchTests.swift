import DalleFormat
import Foundation
import TestSupport
import Testing

@testable import DalleConvert

/// The files of `fixtures/torch/hostile`; its README says what each one is.
@Suite struct HostileTorchTests {
    @Test(
        arguments: [
            ("h01_reduce_os_system.pt", "there is an instance of 'posix system'"),
            ("h02_path_traversal.pt", "leads out of the archive"),
            ("h03_truncated.pt", "the end of the zip archive is missing"),
            ("h04_storage_short.pt", "the storage '0' holds 20 bytes, expected 16 elements of float32"),
            ("h06_negative.pt", "a negative extent in shape [-4, 4]"),
            ("h07_zip_bomb.pt", "the storage '0' holds 67108864 bytes, expected 16 elements"),
            ("h08_big_endian.pt", "another byte order"),
            ("h09_duplicate_names.pt", "is there twice"),
            ("h10_huge_shape.pt", "shape [4611686018427387904, 4] is too large to exist"),
            ("h11_deep_recursion.pt", "holds no tensors: there is a list"),
            ("h13_stack_global_eval.pt", "the pickle instruction 0x27 does not exist"),
            ("h14_getattr_dotted.pt", "finds no value on the stack"),
            ("h15_inst_obj.pt", "there is an instance of 'os system'"),
            ("h17_ext_opcode.pt", "there is an instance of 'copyreg extension 1'"),
            ("h18_storage_key_traversal.pt", "the storage '../../etc/passwd' is missing"),
            ("h19_missing_record.pt", "the storage '7' is missing"),
            ("h20_memo_index_huge.pt", "the memo number 4294967295"),
            ("h22_no_stop.pt", "1 bytes are declared and 0 are left"),
            ("h23_stack_underflow.pt", "finds no value on the stack"),
            ("h24_unknown_opcode.pt", "the pickle instruction 0xf0 does not exist"),
            ("h26_overlap.pt", "needs 28 elements and 16 are there"),
            ("h27_size_stride_rank.pt", "with offset 0 and strides [1]"),
            ("h28_dtype_conflict.pt", "16 elements of Double here and 16 of Float elsewhere"),
            ("h29_crc_mismatch.pt", "the CRC-32 is"),
            ("h30_central_dir_offset.pt", "the archive's directory is declared"),
            ("h32_not_a_dict.pt", "holds no tensors: there is an integer where its state dictionary should be"),
            ("h33_self_reference.pt", "holds no tensors: there is a dictionary"),
            ("h34_empty.pt", "the file is empty"),
            ("h35_html_error_page.ckpt", "it is a web page"),
            ("h36_git_lfs_pointer.bin", "it is a Git LFS pointer"),
            ("h38_legacy_missing_data.pt", "bytes are declared and"),
            ("h39_legacy_big_endian.pt", "another byte order"),
            ("h40_legacy_module_source.pt", "holds no tensors"),
            ("h42_safetensors_overlap.safetensors", "is no PyTorch checkpoint: it starts with the bytes"),
            ("h43_safetensors_header_len.safetensors", "is no PyTorch checkpoint: it starts with the bytes"),
            ("h45_msgpack_depth.msgpack", "is no PyTorch checkpoint: it starts with the bytes"),
        ] as [(String, String)])
    func isRefusedAtOnce(_ name: String, _ message: String) throws {
        let path = Fixtures.path("torch/hostile/\(name)")
        var error: DalleError?
        let duration = try ContinuousClock().measure {
            error = try dalleError { try TorchCheckpoint(path).tensors.values.map { try $0.numbers() } }
        }
        #expect(error?.code == .badData)
        #expect(error?.message.contains(message) == true, "\(error?.description ?? "")")
        #expect(error?.file == path)
        #expect(duration < .seconds(1))
    }

    @Test func refusesTheTarContainer() throws {
        let directory = try TemporaryDirectory()
        let header = Data(count: 257) + Data("ustar".utf8) + Data(count: 250)
        try header.write(to: directory.url.appending(path: "old.pt"))
        let error = try dalleError { try TorchCheckpoint(directory.path("old.pt")) }
        #expect(error.message.contains("written by PyTorch before 0.1.10"))
        #expect(error.remedy?.contains("torch.save") == true)
    }

    @Test func everyHostileFileOfThisKindIsTried() throws {
        let tried = try String(contentsOfFile: #filePath, encoding: .utf8)
        let names = try FileManager.default.contentsOfDirectory(atPath: Fixtures.path("torch/hostile"))
        for name in names where name != "README.txt" && !name.hasPrefix("ok_") { #expect(tried.contains(name)) }
    }
}
