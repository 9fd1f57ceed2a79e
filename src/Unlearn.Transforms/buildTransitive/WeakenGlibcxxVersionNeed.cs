#nullable enable
using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;

namespace Unlearn.Transforms.Build;

/// <summary>
/// Copies a Linux library; in the copy, the C++ runtime need no longer know the symbol version GLIBCXX_3.4.32.
/// Whatever does not ask for it is copied as it is.
/// </summary>
public sealed class WeakenGlibcxxVersionNeed : Microsoft.Build.Utilities.Task
{
    public const string SymbolVersion = "GLIBCXX_3.4.32";

    [Required]
    public string Source { get; set; } = "";

    [Required]
    public string Destination { get; set; } = "";

    public override bool Execute()
    {
        var image = File.ReadAllBytes(Source);
        try
        {
            var needs = ElfVersionNeeds.Find(image).FindAll(need => need.Version == SymbolVersion);
            foreach (var need in needs)
                image[need.FlagsOffset] |= ElfVersionNeeds.Weak;
            Log.LogMessage(MessageImportance.Low, "{0}: {1} needs of {2} made weak.", Source, needs.Count, SymbolVersion);
        }
        catch (InvalidDataException reason)
        {
            Log.LogMessage(MessageImportance.Low, "{0} is copied unchanged: {1}", Source, reason.Message);
        }
        ReplaceAtomically(Destination, image);
        return true;
    }

    /// <summary>Where <paramref name="path"/> is a link, what it points to stays as it is.</summary>
    private static void ReplaceAtomically(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllBytes(temporary, content);
        try
        {
            File.Move(temporary, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Replace(temporary, path, destinationBackupFileName: null);
        }
    }
}

/// <summary>The symbol versions that a 64-bit little-endian ELF library needs of other libraries.</summary>
public static class ElfVersionNeeds
{
    /// <summary>VER_FLG_WEAK: the loader does not mind when the version is missing.</summary>
    public const byte Weak = 2;

    private const uint VersionNeedSection = 0x6ffffffe;

    /// <exception cref="InvalidDataException">The image is something else, or damaged.</exception>
    public static List<(string Version, int FlagsOffset)> Find(byte[] image)
    {
        var is64BitLittleEndian = UInt32(image, 0) == 0x464c457f && UInt16(image, 4) == 0x0102;
        if (!is64BitLittleEndian)
            throw new InvalidDataException("not a 64-bit little-endian ELF file");

        var sections = UInt64(image, 0x28);
        var sectionSize = UInt16(image, 0x3a);
        var needs = new List<(string, int)>();
        for (var i = 0; i < UInt16(image, 0x3c); i++)
        {
            var section = sections + i * sectionSize;
            if (UInt32(image, section + 4) != VersionNeedSection)
                continue;

            var names = UInt64(image, sections + UInt32(image, section + 0x28) * sectionSize + 0x18);
            foreach (var library in Chain(image, first: UInt64(image, section + 0x18), count: UInt32(image, section + 0x2c)))
                foreach (var need in Chain(image, first: library + UInt32(image, library + 8), count: UInt16(image, library + 2)))
                    needs.Add((Text(image, names + UInt32(image, need + 8)), (int)need + 4));
        }
        return needs;
    }

    /// <summary>Offsets of records that each end with the distance to the next one.</summary>
    private static IEnumerable<long> Chain(byte[] image, long first, long count)
    {
        const int RecordSize = 16;
        var record = first;
        for (var i = 0; i < count; i++)
        {
            yield return record;
            var distance = UInt32(image, record + RecordSize - sizeof(uint));
            if (distance < RecordSize && i < count - 1)
                throw new InvalidDataException($"the version needs at offset {record} overlap");
            record += distance;
        }
    }

    private static long UInt16(byte[] image, long offset)
    {
        if (offset < 0 || offset > image.Length - 2)
            throw new InvalidDataException($"offset {offset} lies outside the file");
        return image[offset] | image[offset + 1] << 8;
    }

    private static long UInt32(byte[] image, long offset) => UInt16(image, offset) | UInt16(image, offset + 2) << 16;

    private static long UInt64(byte[] image, long offset) => UInt32(image, offset) | UInt32(image, offset + 4) << 32;

    private static string Text(byte[] image, long offset)
    {
        UInt16(image, offset);
        var end = Array.IndexOf(image, (byte)0, (int)offset);
        return Encoding.ASCII.GetString(image, (int)offset, (end < 0 ? image.Length : end) - (int)offset);
    }
}
