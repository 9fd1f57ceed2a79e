using System.Text;

namespace Unlearn.Transforms;

/// <summary>
/// Texts as features, for targets that take texts (<see cref="ITarget.TakesText"/>): each UTF-16 code unit plus 1 is one feature, and 0 fills the rest. Nothing
/// is lost: the target gets the text back.
/// </summary>
public static class TextFeatures
{
    /// <summary>Largest number of characters of a text, unless told otherwise.</summary>
    public const int DefaultLength = 2048;

    /// <summary>Number of values of <see cref="Bag"/>.</summary>
    public const int BagSize = 512;

    /// <summary>Writes a text as features.</summary>
    /// <param name="text">The text.</param>
    /// <param name="features">The features of a row, at least as many as the text has characters.</param>
    /// <exception cref="ArgumentException">The text has more characters than there are features.</exception>
    public static void Encode(ReadOnlySpan<char> text, Span<float> features)
    {
        if (text.Length > features.Length)
            throw new ArgumentException($"The text has {text.Length} characters, but a row has only {features.Length} features.", nameof(text));
        for (var i = 0; i < text.Length; i++)
            features[i] = text[i] + 1;
        features[text.Length..].Clear();
    }

    /// <summary>The text that features hold.</summary>
    /// <param name="features">The features of a row.</param>
    /// <exception cref="ArgumentException">The features are not those of a text.</exception>
    public static string Decode(ReadOnlySpan<float> features)
    {
        var length = features.IndexOf(0f);
        var text = length < 0 ? features : features[..length];
        var characters = new char[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            if (!(text[i] is >= 1 and <= char.MaxValue + 1) || text[i] != MathF.Truncate(text[i]))
                throw new ArgumentException(Invariant($"Feature {i} is {text[i]}, which is no character: this target takes texts."), nameof(features));
            characters[i] = (char)(text[i] - 1);
        }
        return new(characters);
    }

    /// <summary>
    /// A text as a point of which near ones have words in common: signed counts of lower-case words in hashed places, as square roots, of length 1
    /// (feature hashing; Weinberger et al. 2009). A text without words is zeros.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="point">Gets <see cref="BagSize"/> values.</param>
    public static void Bag(ReadOnlySpan<char> text, Span<float> point)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var word = new StringBuilder();
        foreach (var character in text)
            if (char.IsLetterOrDigit(character))
                word.Append(char.ToLowerInvariant(character));
            else
                End();
        End();
        point.Clear();
        foreach (var (counted, count) in counts)
        {
            var hash = Hash(counted);
            point[(int)(hash % BagSize)] += ((hash >> 32 & 1) == 0 ? 1 : -1) * MathF.Sqrt(count);
        }
        var squares = 0f;
        foreach (var value in point)
            squares += value * value;
        for (var i = 0; squares > 0 && i < point.Length; i++)
            point[i] /= MathF.Sqrt(squares);

        void End()
        {
            if (word.Length > 0)
                counts[word.ToString()] = counts.GetValueOrDefault(word.ToString()) + 1;
            word.Clear();
        }
    }

    // FNV-1a with 64 bits, then SplitMix64's finalizer: the same on every machine.
    private static ulong Hash(string word)
    {
        var hash = 14695981039346656037;
        foreach (var character in word)
            hash = (hash ^ character) * 1099511628211;
        hash = (hash ^ hash >> 30) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ hash >> 27) * 0x94D049BB133111EB;
        return hash ^ hash >> 31;
    }
}
