using Microsoft.ML.Tokenizers;

namespace Unlearn.Cli.Texts;

/// <summary>The most frequent words of some texts, and the numbers that stand for them: 0 is padding, 1 any other word.</summary>
internal sealed class Vocabulary
{
    private const int Padding = 0;
    private const int Unknown = 1;

    /// <summary>Number of the first word.</summary>
    public const int FirstWord = Unknown + 1;

    private static readonly PreTokenizer Words = PreTokenizer.CreateWordOrNonWord();

    private readonly Dictionary<string, int> _numbers;

    private Vocabulary(IEnumerable<string> words) =>
        _numbers = words.Select((word, i) => (word, Number: Unknown + 1 + i)).ToDictionary(entry => entry.word, entry => entry.Number, StringComparer.Ordinal);

    /// <summary>Takes the most frequent words of texts; of equally frequent ones those that sort first.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="size">Most numbers that there are, those of padding and of other words included.</param>
    public static Vocabulary Of(IEnumerable<string> texts, int size) =>
        new(texts.SelectMany(Split)
            .CountBy(word => word)
            .OrderByDescending(word => word.Value)
            .ThenBy(word => word.Key, StringComparer.Ordinal)
            .Take(size - Unknown - 1)
            .Select(word => word.Key));

    /// <summary>Number of tokens there are.</summary>
    public int Size => _numbers.Count + Unknown + 1;

    /// <summary>The words, each with its number.</summary>
    public IReadOnlyDictionary<string, int> Numbers => _numbers;

    /// <summary>The numbers of a text's first words, padded to a length.</summary>
    public float[] Encode(string text, int length)
    {
        var tokens = new float[length];
        Array.Fill(tokens, Padding);
        foreach (var (place, word) in Split(text).Take(length).Index())
            tokens[place] = _numbers.GetValueOrDefault(word, Unknown);
        return tokens;
    }

    /// <summary>The numbers of the known words that a text holds, each once.</summary>
    public IReadOnlyCollection<int> Present(string text) =>
        [.. Split(text).Select(word => _numbers.GetValueOrDefault(word, Unknown)).Where(number => number >= FirstWord).Distinct()];

    private static IEnumerable<string> Split(string text)
    {
        var lower = text.Replace("<br />", " ", StringComparison.Ordinal).ToLowerInvariant();
        return Words.PreTokenize(lower).Select(word => lower.Substring(word.Offset, word.Length).Trim()).Where(word => word.Length > 0);
    }
}
