using Unlearn.Cli.Studies;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Cli.Images;

/// <summary>A labeled image, whose pixels are decoded each time they are asked for.</summary>
/// <param name="Id">Its row id.</param>
/// <param name="Label">Its class, from 0.</param>
/// <param name="Pixels">Decodes it to a square of a side: red, green and blue of each pixel together, from left to right and top to bottom.</param>
internal sealed record RgbImage(string Id, int Label, Func<int, byte[]> Pixels)
{
    /// <summary>Red, green and blue.</summary>
    public const int Channels = 3;

    // Decoded at once: enough to keep every core busy, few enough to keep memory small.
    private const int ChunkSize = 256;

    /// <summary>Decodes images in parallel, some at a time, into training rows: channel × height × width, standardized by channel.</summary>
    /// <param name="images">The images.</param>
    /// <param name="side">Side that each is decoded to, in pixels.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="mean">Mean of each channel, of values from 0 to 1.</param>
    /// <param name="deviation">Standard deviation of each channel.</param>
    /// <param name="skipped">Gets the ids of images that cannot be decoded, which are left out; <see langword="null"/> to fail there.</param>
    /// <exception cref="InvalidDataException">An image cannot be decoded; the message names it.</exception>
    public static TrainingRows ToTrainingRows(
        IEnumerable<RgbImage> images, int side, int classCount, IReadOnlyList<float> mean, IReadOnlyList<float> deviation, List<string>? skipped = null)
    {
        return LabeledRow.ToTrainingRows(images.Chunk(ChunkSize).SelectMany(Decode), Channels * side * side, classCount);

        IEnumerable<LabeledRow> Decode(RgbImage[] chunk)
        {
            var rows = new LabeledRow?[chunk.Length];
            try
            {
                Parallel.For(0, chunk.Length, i => rows[i] = DecodeOne(chunk[i]));
            }
            catch (AggregateException failures)
            {
                throw new InvalidDataException(failures.InnerExceptions[0].Message, failures);
            }
            skipped?.AddRange(chunk.Where((_, i) => rows[i] is null).Select(image => image.Id));
            return rows.OfType<LabeledRow>();
        }

        LabeledRow? DecodeOne(RgbImage image)
        {
            try
            {
                return new() { RowId = image.Id, Features = Standardize(image.Pixels(side)), Label = (uint)image.Label };
            }
            catch (InvalidDataException) when (skipped is not null)
            {
                return null;
            }
        }

        float[] Standardize(byte[] pixels)
        {
            var area = side * side;
            var features = new float[Channels * area];
            for (var channel = 0; channel < Channels; channel++)
                for (var pixel = 0; pixel < area; pixel++)
                    features[channel * area + pixel] = (pixels[pixel * Channels + channel] / 255f - mean[channel]) / deviation[channel];
            return features;
        }
    }

    /// <summary>Pictures of images for a report, decoded when they are asked for.</summary>
    /// <param name="images">The images.</param>
    /// <param name="side">Side of a picture in pixels.</param>
    public static Func<string, RowPicture?> Pictures(IEnumerable<RgbImage> images, int side)
    {
        var byId = images.ToDictionary(image => image.Id, StringComparer.Ordinal);
        return id => new(side, side, Channels, byId[id].Pixels(side));
    }
}
