using System.Text.Json;

namespace Unlearn.Transforms.Pipeline.Persistence;

/// <summary>Reads saved entries.</summary>
internal static class SavedEntries
{
    private const string Factors = "hardness factors";

    /// <exception cref="FormatException">There is no such entry.</exception>
    public static byte[] Find(IReadOnlyDictionary<string, byte[]> entries, string name, string what = Factors) => entries.TryGetValue(name, out var content)
        ? content
        : throw new FormatException($"The saved {what} are damaged: entry '{name}' is missing.");

    /// <exception cref="FormatException">There is no such entry, or it cannot be read.</exception>
    public static T ReadJson<T>(IReadOnlyDictionary<string, byte[]> entries, string name, string what = Factors)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Find(entries, name, what)) ?? throw new JsonException("empty");
        }
        catch (JsonException cause)
        {
            throw new FormatException($"The saved {what} are damaged: entry '{name}' cannot be read.", cause);
        }
    }
}
