using System.IO.Compression;
using System.Text;

namespace Unlearn.Transforms.Interop;

/// <summary>
/// Reads trees and linear models that ML.NET saved before ML.NET does. Its own reader waits without end for an array that is longer than its file, and
/// its trees may lead back to where they began, so that a prediction never ends.
/// </summary>
internal static class SavedPredictors
{
    private const int HeaderSize = 256;
    private const int NameSize = 24;
    private const int NameAt = 0x50, OtherNameAt = 0x68, VersionAt = 0x48;
    private const ulong FileSignature = 0x4C45444F4D004C4D; // "ML MODEL", with zero for the space

    private const uint WeightsSince = 0x00010002;

    // The version from which on missing values have a default; categorical splits are saved from the next one on.
    private static readonly Dictionary<string, uint> DefaultsSince = new(StringComparer.OrdinalIgnoreCase)
    {
        ["FastTreeBinaryExec"] = 0x00010004,
        ["FastTreeRankerExec"] = 0x00010004,
        ["FastTreeRegressionExec"] = 0x00010004,
        ["FastTreeTweedieExec"] = 0x00010002,
        ["FastForestBinaryExec"] = 0x00010005,
        ["FastForestRegressionExec"] = 0x00010005,
        ["LightGBMBinaryExec"] = 0x00010004,
        ["LightGBMRankerExec"] = 0x00010004,
        ["LightGBMRegressionExec"] = 0x00010004,
    };

    private static readonly HashSet<string> Linear = new(StringComparer.OrdinalIgnoreCase) { "Linear2CExec", "LinearRegressionExec" };

    /// <summary>Checks the trees and the linear models of a file. Other models of it are not looked at.</summary>
    /// <param name="stream">The file, which is read from its beginning and left there.</param>
    /// <exception cref="FormatException">A tree is none, or an array is longer than what is left of its file.</exception>
    /// <exception cref="InvalidDataException">The file is no archive.</exception>
    /// <exception cref="EndOfStreamException">A model ends too early.</exception>
    public static void Check(Stream stream)
    {
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true))
            foreach (var entry in archive.Entries.Where(entry => entry.Length >= HeaderSize))
            {
                using var content = entry.Open();
                Check(new Section(content, entry.Length));
            }
        stream.Position = 0;
    }

    private static void Check(Section section)
    {
        var header = section.Bytes(HeaderSize);
        if (BitConverter.ToUInt64(header) != FileSignature)
            return;
        var version = BitConverter.ToUInt32(header, VersionAt);
        foreach (var name in new[] { Name(header, NameAt), Name(header, OtherNameAt) })
            if (DefaultsSince.TryGetValue(name, out var since))
            {
                CheckTrees(section, version, since);
                return;
            }
            else if (Linear.Contains(name))
            {
                section.Skip(sizeof(int) + sizeof(float) + sizeof(int)); // size of a number, bias, features
                section.SkipArray(sizeof(int));
                section.SkipArray(sizeof(float));
                return;
            }
    }

    // ML.NET looks for a loader without regard to blanks around its name.
    private static string Name(byte[] header, int at) => Encoding.Latin1.GetString(header, at, NameSize).Trim('\0').Trim();

    private static void CheckTrees(Section section, uint version, uint defaultsSince)
    {
        section.Skip(sizeof(int)); // size of a number
        var trees = section.Int();
        for (var tree = 0; tree < trees; tree++)
        {
            var isOfForest = section.Bytes(1)[0] == 2;
            var nodes = section.Int() - 1;
            section.Skip(2 * sizeof(double)); // largest output, weight
            CheckTree(tree, nodes, section.IntArray(), section.IntArray());
            section.SkipArray(sizeof(int)); // features
            if (version > defaultsSince)
                foreach (var _ in section.IntArray())
                {
                    section.SkipArray(sizeof(int));
                    section.Skip(2 * sizeof(int)); // range
                }
            section.SkipArray(sizeof(int)); // thresholds by bin
            section.SkipArray(sizeof(float)); // thresholds
            if (version >= defaultsSince)
                section.SkipArray(sizeof(float));
            for (var array = 0; array < 4; array++)
                section.SkipArray(sizeof(double)); // leaves, gains, p-values, earlier leaves
            if (isOfForest)
                section.SkipArray(sizeof(double)); // labels
            if (isOfForest && version >= WeightsSince)
                section.SkipArray(sizeof(double)); // their weights
        }
    }

    // A child of 0 or more is a node; ~child is a leaf.
    private static void CheckTree(int tree, int nodes, int[] left, int[] right)
    {
        if (nodes < 1 || left.Length < nodes || right.Length != left.Length)
            throw new FormatException(Invariant($"tree {tree} of {nodes} nodes has children for {left.Length} and {right.Length}"));
        var isReached = new bool[nodes];
        Stack<int> open = new([0]);
        while (open.TryPop(out var node))
        {
            if (isReached[node])
                throw new FormatException(Invariant($"node {node} of tree {tree} is reached on two ways"));
            isReached[node] = true;
            foreach (var child in (ReadOnlySpan<int>)[left[node], right[node]])
                if (child >= nodes || ~child > nodes)
                    throw new FormatException(Invariant($"node {node} of tree {tree} leads to {child}, but there are {nodes} nodes"));
                else if (child >= 0)
                    open.Push(child);
        }
    }

    /// <summary>What is left of an entry. Nothing is allocated for more than that.</summary>
    private sealed class Section(Stream stream, long left)
    {
        public byte[] Bytes(long count)
        {
            Take(count);
            var bytes = new byte[count];
            stream.ReadExactly(bytes);
            return bytes;
        }

        public int Int() => BitConverter.ToInt32(Bytes(sizeof(int)));

        public int[] IntArray()
        {
            var bytes = Bytes(LengthOfArray(sizeof(int)));
            return [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(bytes)];
        }

        public void SkipArray(int size) => Skip(LengthOfArray(size));

        public void Skip(long count)
        {
            Take(count);
            var buffer = new byte[Math.Min(count, 4096)];
            for (; count > 0; count -= Math.Min(count, buffer.Length))
                stream.ReadExactly(buffer, 0, (int)Math.Min(count, buffer.Length));
        }

        private long LengthOfArray(int size)
        {
            var count = Int();
            return count >= 0 ? (long)size * count : throw new FormatException(Invariant($"an array of {count} numbers"));
        }

        private void Take(long count) => left = count <= left
            ? left - count
            : throw new FormatException(Invariant($"{count} bytes are asked for where {left} are left"));
    }
}
