using System.Text.Json;
using System.Text.Json.Nodes;
using Unlearn.Transforms;

namespace Unlearn.Benchmarks.Fuzzing;

/// <summary>Changes one value of a JSON document to one that may be well formed and still makes no sense.</summary>
internal static class JsonEdit
{
    private const int Many = 100_000;

    private static readonly Func<JsonNode?>[] OddValues =
    [
        () => null, () => -1, () => 0, () => 1, () => int.MaxValue, () => long.MaxValue, () => 1e308, () => 0.5, () => true, () => "", () => "x",
        () => "\0\u202e",
        () => new string('n', Many), () => new JsonArray(), () => new JsonObject(), () => new JsonArray(1, 2, 3),
    ];

    /// <summary>Changes a copy of a document.</summary>
    /// <returns>What was done, and the document.</returns>
    public static (string What, byte[] Content) Apply(byte[] content, SeededRandom random)
    {
        var root = JsonNode.Parse(content)!;
        List<JsonNode> holders = [.. Holders(root)];
        var holder = holders[random.Next(holders.Count)];
        var what = holder is JsonArray list ? Change(list, random) : Change((JsonObject)holder, random);
        return (what, JsonSerializer.SerializeToUtf8Bytes(root));
    }

    private static string Change(JsonObject holder, SeededRandom random)
    {
        var key = holder.ElementAt(random.Next(holder.Count)).Key;
        switch (random.Next(8))
        {
            case 0:
                holder.Remove(key);
                return $"remove {key}";
            case 1:
                holder[key + "x"] = holder[key]?.DeepClone();
                return $"copy {key}";
            default:
                holder[key] = OddValues[random.Next(OddValues.Length)]();
                return $"set {key} to {Shown(holder[key])}";
        }
    }

    private static string Change(JsonArray holder, SeededRandom random)
    {
        var at = random.Next(Math.Max(1, holder.Count));
        switch (holder.Count == 0 ? 2 : random.Next(6))
        {
            case 0:
                holder.RemoveAt(at);
                return $"remove item {at}";
            case 1:
                var copies = random.Next(2) == 0 ? 1 : Many;
                for (var i = 0; i < copies; i++)
                    holder.Add(holder[at]?.DeepClone());
                return $"repeat item {at} {copies} times";
            case 2:
                holder.Insert(at, OddValues[random.Next(OddValues.Length)]());
                return $"insert {Shown(holder[at])} at {at}";
            default:
                holder[at] = OddValues[random.Next(OddValues.Length)]();
                return $"set item {at} to {Shown(holder[at])}";
        }
    }

    private static IEnumerable<JsonNode> Holders(JsonNode node) => node switch
    {
        JsonObject { Count: > 0 } holder => holder.Select(pair => pair.Value).OfType<JsonNode>().SelectMany(Holders).Prepend(holder),
        JsonArray holder => holder.OfType<JsonNode>().SelectMany(Holders).Prepend(holder),
        _ => [],
    };

    private static string Shown(JsonNode? node) => node?.ToJsonString() is not { } text ? "null" : text.Length <= 40 ? text : text[..40] + "…";
}
