using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Unlearn.Cli.Texts;

namespace Unlearn.Examples.ImdbReviews;

/// <summary>Vectors of a vocabulary's words, from a file in GloVe's text form: a word and its numbers on each line, separated by spaces.</summary>
/// <param name="Dimensions">Length of a vector.</param>
/// <param name="Tokens">Numbers of the words that have a vector.</param>
/// <param name="Values">Their vectors, one after the other.</param>
internal sealed record WordVectors(int Dimensions, long[] Tokens, float[] Values)
{
    /// <summary>Hash of tokens and vectors: what a training begins with is part of its identity.</summary>
    public string Hash { get; } =
        Convert.ToHexStringLower(SHA256.HashData([.. MemoryMarshal.AsBytes(Tokens.AsSpan()), .. MemoryMarshal.AsBytes(Values.AsSpan())]))[..16];

    /// <summary>Reads the vectors of a vocabulary's words.</summary>
    /// <param name="path">The file; gzipped if its name ends in <c>.gz</c>.</param>
    /// <param name="vocabulary">The words.</param>
    public static WordVectors Read(string path, Vocabulary vocabulary)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{path}': --glove takes word vectors as text, "
                + "such as glove.6B.100d.txt of https://nlp.stanford.edu/projects/glove/, gzipped or not.");
        Stream stream = File.OpenRead(path);
        using var reader = new StreamReader(Path.GetExtension(path) == ".gz" ? new GZipStream(stream, CompressionMode.Decompress) : stream);
        SortedDictionary<int, float[]> vectors = [];
        var dimensions = 0;
        for (var line = 1; reader.ReadLine() is { } text; line++)
        {
            var fields = text.TrimEnd().Split(' ');
            dimensions = dimensions == 0 ? fields.Length - 1 : dimensions;
            if (dimensions == 0 || fields.Length - 1 != dimensions)
                throw new InvalidDataException($"Line {line} of '{path}' has {fields.Length - 1} numbers, the lines before it have {dimensions}.");
            if (!vocabulary.Numbers.TryGetValue(fields[0], out var token))
                continue;
            var vector = new float[dimensions];
            for (var i = 0; i < dimensions; i++)
                if (!float.TryParse(fields[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out vector[i]))
                    throw new InvalidDataException($"Line {line} of '{path}' has '{fields[i + 1]}' where a number should be.");
            vectors[token] = vector;
        }
        return vectors.Count > 0
            ? new(dimensions, [.. vectors.Keys.Select(token => (long)token)], [.. vectors.Values.SelectMany(vector => vector)])
            : throw new InvalidDataException($"'{path}' has a vector for none of the {vocabulary.Numbers.Count} words.");
    }
}
