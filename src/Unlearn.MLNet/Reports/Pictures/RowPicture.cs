namespace Unlearn.MLNet;

/// <summary>A small picture of a row, for the gallery of a report.</summary>
public sealed record RowPicture
{
    /// <summary>Makes a picture.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="channels">1 for gray, 3 for red, green, blue.</param>
    /// <param name="pixels">One byte per channel and pixel, channels together, from left to right and top to bottom.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or there are neither 1 nor 3 channels.</exception>
    /// <exception cref="ArgumentException">The number of pixels does not fit the size.</exception>
    public RowPicture(int width, int height, int channels, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(pixels);
        if (channels is not (1 or 3))
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "A picture has 1 channel (gray) or 3 (red, green, blue).");

        if (pixels.LongLength != (long)width * height * channels)
            throw new ArgumentException($"A picture of {width} × {height} × {channels} does not have {pixels.Length} bytes.", nameof(pixels));

        (Width, Height, Channels, Pixels) = (width, height, channels, pixels);
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>1 for gray, 3 for red, green, blue.</summary>
    public int Channels { get; }

    /// <summary>One byte per channel and pixel, channels together, from left to right and top to bottom.</summary>
    public byte[] Pixels { get; }
}
