using System.Text.Json;

namespace Unlearn.Transforms.Pipeline.Persistence;

/// <summary>Reads saved entries.</summary>
internal static class SavedEntries
{
    private const string Factors = "hardness factors";
    private const int LargestJson = 1 << 24;
    private const int LongestName = 1000;

    /// <summary>A name, which errors may repeat.</summary>
    /// <exception cref="FormatException">It is empty, far too long, or has control characters.</exception>
    public static string CheckName(string? name, string what = Factors) => name is { Length: > 0 and <= LongestName } && !name.Any(char.IsControl)
        ? name
        : throw new FormatException(Invariant($"The saved {what} are damaged: a name of {name?.Length ?? 0} characters."));

    /// <exception cref="FormatException">There is no such entry.</exception>
    public static byte[] Find(IReadOnlyDictionary<string, byte[]> entries, string name, string what = Factors) => entries.TryGetValue(name, out var content)
        ? content
        : throw new FormatException($"The saved {what} are damaged: entry '{name}' is missing.");

    /// <exception cref="FormatException">There is no such entry, or it cannot be read.</exception>
    public static T ReadJson<T>(IReadOnlyDictionary<string, byte[]> entries, string name, string what = Factors, JsonSerializerOptions? options = null)
    {
        try
        {
            var content = Find(entries, name, what);
            var value = content.Length > LargestJson ? default : JsonSerializer.Deserialize<T>(content, options);
            return value ?? throw new JsonException("empty or far too long");
        }
        catch (Exception cause) when (cause is JsonException or ArgumentException or NotSupportedException)
        {
            throw new FormatException($"The saved {what} are damaged: entry '{name}' cannot be read.", cause);
        }
    }
}
