using System.Text;
using Microsoft.ML;
using Unlearn.Transforms;

namespace Unlearn.Distributed.Plans;

/// <summary>A target as bytes: the kind of its format, then the format's entries by name.</summary>
internal static class StoredTarget
{
    private const string Magic = "unlearn-target/1";
    private const int MostEntries = 30;

    /// <summary>Writes a target.</summary>
    /// <exception cref="NotSupportedException">No format saves it.</exception>
    public static void Write(ITarget target, Stream stream)
    {
        var format = TargetFormats.FindFor(target);
        var entries = format.Save(target);
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(format.Kind);
        writer.Write(target.ClassNames?.Count ?? 0);
        foreach (var name in target.ClassNames ?? [])
            writer.Write(name);
        writer.Write(entries.Count);
        foreach (var (name, content) in entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            writer.Write(name);
            writer.Write(content.Length);
            writer.Write(content);
        }
    }

    /// <summary>Reads a target.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    /// <exception cref="InvalidOperationException">This process lacks a format or an architecture.</exception>
    public static ITarget Read(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        if (reader.ReadString() != Magic)
            throw new FormatException("These bytes are not a target.");
        var kind = reader.ReadString();
        string[] names = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadString())];
        var count = reader.ReadInt32();
        if (count is < 0 or > MostEntries)
            throw new FormatException($"A target has {count} entries.");
        Dictionary<string, byte[]> entries = new(StringComparer.Ordinal);
        for (var entry = 0; entry < count; entry++)
        {
            var name = reader.ReadString();
            entries[name] = reader.ReadBytes(reader.ReadInt32());
        }
        var target = TargetFormats.Find(kind).Load(new MLContext(), entries);
        if (target is TorchTarget torch && names.Length > 0)
            torch.ClassNames = names;
        return target;
    }
}
