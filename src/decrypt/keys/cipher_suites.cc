#include "decrypt/keys/cipher_suites.h"

#include <algorithm>
#include <array>

namespace tattle {
namespace {

// Sorted by number. The name at each line's end is the registry's, without TLS_.
constexpr CipherSuite kSuites[] = {
    {0x0001, Kx::rsa, Bulk::null, Hash::md5, Hash::sha256},                   // RSA_WITH_NULL_MD5
    {0x0002, Kx::rsa, Bulk::null, Hash::sha1, Hash::sha256},                  // RSA_WITH_NULL_SHA
    {0x0004, Kx::rsa, Bulk::rc4_128, Hash::md5, Hash::sha256},                // RSA_WITH_RC4_128_MD5
    {0x0005, Kx::rsa, Bulk::rc4_128, Hash::sha1, Hash::sha256},               // RSA_WITH_RC4_128_SHA
    {0x0007, Kx::rsa, Bulk::idea_cbc, Hash::sha1, Hash::sha256},              // RSA_WITH_IDEA_CBC_SHA
    {0x0009, Kx::rsa, Bulk::des_cbc, Hash::sha1, Hash::sha256},               // RSA_WITH_DES_CBC_SHA
    {0x000A, Kx::rsa, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},        // RSA_WITH_3DES_EDE_CBC_SHA
    {0x000C, Kx::other, Bulk::des_cbc, Hash::sha1, Hash::sha256},             // DH_DSS_WITH_DES_CBC_SHA
    {0x000D, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // DH_DSS_WITH_3DES_EDE_CBC_SHA
    {0x000F, Kx::other, Bulk::des_cbc, Hash::sha1, Hash::sha256},             // DH_RSA_WITH_DES_CBC_SHA
    {0x0010, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // DH_RSA_WITH_3DES_EDE_CBC_SHA
    {0x0012, Kx::other, Bulk::des_cbc, Hash::sha1, Hash::sha256},             // DHE_DSS_WITH_DES_CBC_SHA
    {0x0013, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // DHE_DSS_WITH_3DES_EDE_CBC_SHA
    {0x0015, Kx::other, Bulk::des_cbc, Hash::sha1, Hash::sha256},             // DHE_RSA_WITH_DES_CBC_SHA
    {0x0016, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // DHE_RSA_WITH_3DES_EDE_CBC_SHA
    {0x0018, Kx::other, Bulk::rc4_128, Hash::md5, Hash::sha256},              // DH_anon_WITH_RC4_128_MD5
    {0x001A, Kx::other, Bulk::des_cbc, Hash::sha1, Hash::sha256},             // DH_anon_WITH_DES_CBC_SHA
    {0x001B, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // DH_anon_WITH_3DES_EDE_CBC_SHA
    {0x001E, Kx::other, Bulk::des_cbc, Hash::sha1, Hash::sha256},             // KRB5_WITH_DES_CBC_SHA
    {0x001F, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // KRB5_WITH_3DES_EDE_CBC_SHA
    {0x0020, Kx::other, Bulk::rc4_128, Hash::sha1, Hash::sha256},             // KRB5_WITH_RC4_128_SHA
    {0x0021, Kx::other, Bulk::idea_cbc, Hash::sha1, Hash::sha256},            // KRB5_WITH_IDEA_CBC_SHA
    {0x0022, Kx::other, Bulk::des_cbc, Hash::md5, Hash::sha256},              // KRB5_WITH_DES_CBC_MD5
    {0x0023, Kx::other, Bulk::triple_des_cbc, Hash::md5, Hash::sha256},       // KRB5_WITH_3DES_EDE_CBC_MD5
    {0x0024, Kx::other, Bulk::rc4_128, Hash::md5, Hash::sha256},              // KRB5_WITH_RC4_128_MD5
    {0x0025, Kx::other, Bulk::idea_cbc, Hash::md5, Hash::sha256},             // KRB5_WITH_IDEA_CBC_MD5
    {0x002C, Kx::other, Bulk::null, Hash::sha1, Hash::sha256},                // PSK_WITH_NULL_SHA
    {0x002D, Kx::other, Bulk::null, Hash::sha1, Hash::sha256},                // DHE_PSK_WITH_NULL_SHA
    {0x002E, Kx::other, Bulk::null, Hash::sha1, Hash::sha256},                // RSA_PSK_WITH_NULL_SHA
    {0x002F, Kx::rsa, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},           // RSA_WITH_AES_128_CBC_SHA
    {0x0030, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // DH_DSS_WITH_AES_128_CBC_SHA
    {0x0031, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // DH_RSA_WITH_AES_128_CBC_SHA
    {0x0032, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // DHE_DSS_WITH_AES_128_CBC_SHA
    {0x0033, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // DHE_RSA_WITH_AES_128_CBC_SHA
    {0x0034, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // DH_anon_WITH_AES_128_CBC_SHA
    {0x0035, Kx::rsa, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},           // RSA_WITH_AES_256_CBC_SHA
    {0x0036, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // DH_DSS_WITH_AES_256_CBC_SHA
    {0x0037, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // DH_RSA_WITH_AES_256_CBC_SHA
    {0x0038, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // DHE_DSS_WITH_AES_256_CBC_SHA
    {0x0039, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // DHE_RSA_WITH_AES_256_CBC_SHA
    {0x003A, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // DH_anon_WITH_AES_256_CBC_SHA
    {0x003B, Kx::rsa, Bulk::null, Hash::sha256, Hash::sha256},                // RSA_WITH_NULL_SHA256
    {0x003C, Kx::rsa, Bulk::aes_128_cbc, Hash::sha256, Hash::sha256},         // RSA_WITH_AES_128_CBC_SHA256
    {0x003D, Kx::rsa, Bulk::aes_256_cbc, Hash::sha256, Hash::sha256},         // RSA_WITH_AES_256_CBC_SHA256
    {0x003E, Kx::other, Bulk::aes_128_cbc, Hash::sha256, Hash::sha256},       // DH_DSS_WITH_AES_128_CBC_SHA256
    {0x003F, Kx::other, Bulk::aes_128_cbc, Hash::sha256, Hash::sha256},       // DH_RSA_WITH_AES_128_CBC_SHA256
    {0x0040, Kx::other, Bulk::aes_128_cbc, Hash::sha256, Hash::sha256},       // DHE_DSS_WITH_AES_128_CBC_SHA256
    {0x0041, Kx::rsa, Bulk::camellia_128_cbc, Hash::sha1, Hash::sha256},      // RSA_WITH_CAMELLIA_128_CBC_SHA
    {0x0042, Kx::other, Bulk::camellia_128_cbc, Hash::sha1, Hash::sha256},    // DH_DSS_WITH_CAMELLIA_128_CBC_SHA
    {0x0043, Kx::other, Bulk::camellia_128_cbc, Hash::sha1, Hash::sha256},    // DH_RSA_WITH_CAMELLIA_128_CBC_SHA
    {0x0044, Kx::other, Bulk::camellia_128_cbc, Hash::sha1, Hash::sha256},    // DHE_DSS_WITH_CAMELLIA_128_CBC_SHA
    {0x0045, Kx::other, Bulk::camellia_128_cbc, Hash::sha1, Hash::sha256},    // DHE_RSA_WITH_CAMELLIA_128_CBC_SHA
    {0x0046, Kx::other, Bulk::camellia_128_cbc, Hash::sha1, Hash::sha256},    // DH_anon_WITH_CAMELLIA_128_CBC_SHA
    {0x0066, Kx::other, Bulk::rc4_128, Hash::sha1, Hash::sha256},             // DHE_DSS_WITH_RC4_128_SHA
    {0x0067, Kx::other, Bulk::aes_128_cbc, Hash::sha256, Hash::sha256},       // DHE_RSA_WITH_AES_128_CBC_SHA256
    {0x0068, Kx::other, Bulk::aes_256_cbc, Hash::sha256, Hash::sha256},       // DH_DSS_WITH_AES_256_CBC_SHA256
    {0x0069, Kx::other, Bulk::aes_256_cbc, Hash::sha256, Hash::sha256},       // DH_RSA_WITH_AES_256_CBC_SHA256
    {0x006A, Kx::other, Bulk::aes_256_cbc, Hash::sha256, Hash::sha256},       // DHE_DSS_WITH_AES_256_CBC_SHA256
    {0x006B, Kx::other, Bulk::aes_256_cbc, Hash::sha256, Hash::sha256},       // DHE_RSA_WITH_AES_256_CBC_SHA256
    {0x006C, Kx::other, Bulk::aes_128_cbc, Hash::sha256, Hash::sha256},       // DH_anon_WITH_AES_128_CBC_SHA256
    {0x006D, Kx::other, Bulk::aes_256_cbc, Hash::sha256, Hash::sha256},       // DH_anon_WITH_AES_256_CBC_SHA256
    {0x0084, Kx::rsa, Bulk::camellia_256_cbc, Hash::sha1, Hash::sha256},      // RSA_WITH_CAMELLIA_256_CBC_SHA
    {0x0085, Kx::other, Bulk::camellia_256_cbc, Hash::sha1, Hash::sha256},    // DH_DSS_WITH_CAMELLIA_256_CBC_SHA
    {0x0086, Kx::other, Bulk::camellia_256_cbc, Hash::sha1, Hash::sha256},    // DH_RSA_WITH_CAMELLIA_256_CBC_SHA
    {0x0087, Kx::other, Bulk::camellia_256_cbc, Hash::sha1, Hash::sha256},    // DHE_DSS_WITH_CAMELLIA_256_CBC_SHA
    {0x0088, Kx::other, Bulk::camellia_256_cbc, Hash::sha1, Hash::sha256},    // DHE_RSA_WITH_CAMELLIA_256_CBC_SHA
    {0x0089, Kx::other, Bulk::camellia_256_cbc, Hash::sha1, Hash::sha256},    // DH_anon_WITH_CAMELLIA_256_CBC_SHA
    {0x008A, Kx::other, Bulk::rc4_128, Hash::sha1, Hash::sha256},             // PSK_WITH_RC4_128_SHA
    {0x008B, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // PSK_WITH_3DES_EDE_CBC_SHA
    {0x008C, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // PSK_WITH_AES_128_CBC_SHA
    {0x008D, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // PSK_WITH_AES_256_CBC_SHA
    {0x008E, Kx::other, Bulk::rc4_128, Hash::sha1, Hash::sha256},             // DHE_PSK_WITH_RC4_128_SHA
    {0x008F, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // DHE_PSK_WITH_3DES_EDE_CBC_SHA
    {0x0090, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // DHE_PSK_WITH_AES_128_CBC_SHA
    {0x0091, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // DHE_PSK_WITH_AES_256_CBC_SHA
    {0x0092, Kx::other, Bulk::rc4_128, Hash::sha1, Hash::sha256},             // RSA_PSK_WITH_RC4_128_SHA
    {0x0093, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // RSA_PSK_WITH_3DES_EDE_CBC_SHA
    {0x0094, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // RSA_PSK_WITH_AES_128_CBC_SHA
    {0x0095, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // RSA_PSK_WITH_AES_256_CBC_SHA
    {0x0096, Kx::rsa, Bulk::seed_cbc, Hash::sha1, Hash::sha256},              // RSA_WITH_SEED_CBC_SHA
    {0x0097, Kx::other, Bulk::seed_cbc, Hash::sha1, Hash::sha256},            // DH_DSS_WITH_SEED_CBC_SHA
    {0x0098, Kx::other, Bulk::seed_cbc, Hash::sha1, Hash::sha256},            // DH_RSA_WITH_SEED_CBC_SHA
    {0x0099, Kx::other, Bulk::seed_cbc, Hash::sha1, Hash::sha256},            // DHE_DSS_WITH_SEED_CBC_SHA
    {0x009A, Kx::other, Bulk::seed_cbc, Hash::sha1, Hash::sha256},            // DHE_RSA_WITH_SEED_CBC_SHA
    {0x009B, Kx::other, Bulk::seed_cbc, Hash::sha1, Hash::sha256},            // DH_anon_WITH_SEED_CBC_SHA
    {0x009C, Kx::rsa, Bulk::aes_128_gcm, Hash::none, Hash::sha256},           // RSA_WITH_AES_128_GCM_SHA256
    {0x009D, Kx::rsa, Bulk::aes_256_gcm, Hash::none, Hash::sha384},           // RSA_WITH_AES_256_GCM_SHA384
    {0x009E, Kx::other, Bulk::aes_128_gcm, Hash::none, Hash::sha256},         // DHE_RSA_WITH_AES_128_GCM_SHA256
    {0x009F, Kx::other, Bulk::aes_256_gcm, Hash::none, Hash::sha384},         // DHE_RSA_WITH_AES_256_GCM_SHA384
    {0x00A0, Kx::other, Bulk::aes_128_gcm, Hash::none, Hash::sha256},         // DH_RSA_WITH_AES_128_GCM_SHA256
    {0x00A1, Kx::other, Bulk::aes_256_gcm, Hash::none, Hash::sha384},         // DH_RSA_WITH_AES_256_GCM_SHA384
    {0x00A2, Kx::other, Bulk::aes_128_gcm, Hash::none, Hash::sha256},         // DHE_DSS_WITH_AES_128_GCM_SHA256
    {0x00A3, Kx::other, Bulk::aes_256_gcm, Hash::none, Hash::sha384},         // DHE_DSS_WITH_AES_256_GCM_SHA384
    {0x00A4, Kx::other, Bulk::aes_128_gcm, Hash::none, Hash::sha256},         // DH_DSS_WITH_AES_128_GCM_SHA256
    {0x00A5, Kx::other, Bulk::aes_256_gcm, Hash::none, Hash::sha384},         // DH_DSS_WITH_AES_256_GCM_SHA384
    {0x00A6, Kx::other, Bulk::aes_128_gcm, Hash::none, Hash::sha256},         // DH_anon_WITH_AES_128_GCM_SHA256
    {0x00A7, Kx::other, Bulk::aes_256_gcm, Hash::none, Hash::sha384},         // DH_anon_WITH_AES_256_GCM_SHA384
    {0x00A8, Kx::other, Bulk::aes_128_gcm, Hash::none, Hash::sha256},         // PSK_WITH_AES_128_GCM_SHA256
    {0x00A9, Kx::other, Bulk::aes_256_gcm, Hash::none, Hash::sha384},         // PSK_WITH_AES_256_GCM_SHA384
    {0x00AA, Kx::other, Bulk::aes_128_gcm, Hash::none, Hash::sha256},         // DHE_PSK_WITH_AES_128_GCM_SHA256
    {0x00AB, Kx::other, Bulk::aes_256_gcm, Hash::none, Hash::sha384},         // DHE_PSK_WITH_AES_256_GCM_SHA384
    {0x00AC, Kx::other, Bulk::aes_128_gcm, Hash::none, Hash::sha256},         // RSA_PSK_WITH_AES_128_GCM_SHA256
    {0x00AD, Kx::other, Bulk::aes_256_gcm, Hash::none, Hash::sha384},         // RSA_PSK_WITH_AES_256_GCM_SHA384
    {0x00AE, Kx::other, Bulk::aes_128_cbc, Hash::sha256, Hash::sha256},       // PSK_WITH_AES_128_CBC_SHA256
    {0x00AF, Kx::other, Bulk::aes_256_cbc, Hash::sha384, Hash::sha384},       // PSK_WITH_AES_256_CBC_SHA384
    {0x00B0, Kx::other, Bulk::null, Hash::sha256, Hash::sha256},              // PSK_WITH_NULL_SHA256
    {0x00B1, Kx::other, Bulk::null, Hash::sha384, Hash::sha384},              // PSK_WITH_NULL_SHA384
    {0x00B2, Kx::other, Bulk::aes_128_cbc, Hash::sha256, Hash::sha256},       // DHE_PSK_WITH_AES_128_CBC_SHA256
    {0x00B3, Kx::other, Bulk::aes_256_cbc, Hash::sha384, Hash::sha384},       // DHE_PSK_WITH_AES_256_CBC_SHA384
    {0x00B4, Kx::other, Bulk::null, Hash::sha256, Hash::sha256},              // DHE_PSK_WITH_NULL_SHA256
    {0x00B5, Kx::other, Bulk::null, Hash::sha384, Hash::sha384},              // DHE_PSK_WITH_NULL_SHA384
    {0x00B6, Kx::other, Bulk::aes_128_cbc, Hash::sha256, Hash::sha256},       // RSA_PSK_WITH_AES_128_CBC_SHA256
    {0x00B7, Kx::other, Bulk::aes_256_cbc, Hash::sha384, Hash::sha384},       // RSA_PSK_WITH_AES_256_CBC_SHA384
    {0x00B8, Kx::other, Bulk::null, Hash::sha256, Hash::sha256},              // RSA_PSK_WITH_NULL_SHA256
    {0x00B9, Kx::other, Bulk::null, Hash::sha384, Hash::sha384},              // RSA_PSK_WITH_NULL_SHA384
    {0x00BA, Kx::rsa, Bulk::camellia_128_cbc, Hash::sha256, Hash::sha256},    // RSA_WITH_CAMELLIA_128_CBC_SHA256
    {0x00BB, Kx::other, Bulk::camellia_128_cbc, Hash::sha256, Hash::sha256},  // DH_DSS_WITH_CAMELLIA_128_CBC_SHA256
    {0x00BC, Kx::other, Bulk::camellia_128_cbc, Hash::sha256, Hash::sha256},  // DH_RSA_WITH_CAMELLIA_128_CBC_SHA256
    {0x00BD, Kx::other, Bulk::camellia_128_cbc, Hash::sha256, Hash::sha256},  // DHE_DSS_WITH_CAMELLIA_128_CBC_SHA256
    {0x00BE, Kx::other, Bulk::camellia_128_cbc, Hash::sha256, Hash::sha256},  // DHE_RSA_WITH_CAMELLIA_128_CBC_SHA256
    {0x00BF, Kx::other, Bulk::camellia_128_cbc, Hash::sha256, Hash::sha256},  // DH_anon_WITH_CAMELLIA_128_CBC_SHA256
    {0x00C0, Kx::rsa, Bulk::camellia_256_cbc, Hash::sha256, Hash::sha256},    // RSA_WITH_CAMELLIA_256_CBC_SHA256
    {0x00C1, Kx::other, Bulk::camellia_256_cbc, Hash::sha256, Hash::sha256},  // DH_DSS_WITH_CAMELLIA_256_CBC_SHA256
    {0x00C2, Kx::other, Bulk::camellia_256_cbc, Hash::sha256, Hash::sha256},  // DH_RSA_WITH_CAMELLIA_256_CBC_SHA256
    {0x00C3, Kx::other, Bulk::camellia_256_cbc, Hash::sha256, Hash::sha256},  // DHE_DSS_WITH_CAMELLIA_256_CBC_SHA256
    {0x00C4, Kx::other, Bulk::camellia_256_cbc, Hash::sha256, Hash::sha256},  // DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256
    {0x00C5, Kx::other, Bulk::camellia_256_cbc, Hash::sha256, Hash::sha256},  // DH_anon_WITH_CAMELLIA_256_CBC_SHA256
    {0x1301, Kx::tls13, Bulk::aes_128_gcm, Hash::none, Hash::sha256},         // AES_128_GCM_SHA256
    {0x1302, Kx::tls13, Bulk::aes_256_gcm, Hash::none, Hash::sha384},         // AES_256_GCM_SHA384
    {0x1303, Kx::tls13, Bulk::chacha20_poly1305, Hash::none, Hash::sha256},   // CHACHA20_POLY1305_SHA256
    {0x1304, Kx::tls13, Bulk::aes_128_ccm, Hash::none, Hash::sha256},         // AES_128_CCM_SHA256
    {0x1305, Kx::tls13, Bulk::aes_128_ccm_8, Hash::none, Hash::sha256},       // AES_128_CCM_8_SHA256
    {0xC001, Kx::other, Bulk::null, Hash::sha1, Hash::sha256},                // ECDH_ECDSA_WITH_NULL_SHA
    {0xC002, Kx::other, Bulk::rc4_128, Hash::sha1, Hash::sha256},             // ECDH_ECDSA_WITH_RC4_128_SHA
    {0xC003, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA
    {0xC004, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // ECDH_ECDSA_WITH_AES_128_CBC_SHA
    {0xC005, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // ECDH_ECDSA_WITH_AES_256_CBC_SHA
    {0xC006, Kx::other, Bulk::null, Hash::sha1, Hash::sha256},                // ECDHE_ECDSA_WITH_NULL_SHA
    {0xC007, Kx::other, Bulk::rc4_128, Hash::sha1, Hash::sha256},             // ECDHE_ECDSA_WITH_RC4_128_SHA
    {0xC008, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA
    {0xC009, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // ECDHE_ECDSA_WITH_AES_128_CBC_SHA
    {0xC00A, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // ECDHE_ECDSA_WITH_AES_256_CBC_SHA
    {0xC00B, Kx::other, Bulk::null, Hash::sha1, Hash::sha256},                // ECDH_RSA_WITH_NULL_SHA
    {0xC00C, Kx::other, Bulk::rc4_128, Hash::sha1, Hash::sha256},             // ECDH_RSA_WITH_RC4_128_SHA
    {0xC00D, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // ECDH_RSA_WITH_3DES_EDE_CBC_SHA
    {0xC00E, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // ECDH_RSA_WITH_AES_128_CBC_SHA
    {0xC00F, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // ECDH_RSA_WITH_AES_256_CBC_SHA
    {0xC010, Kx::other, Bulk::null, Hash::sha1, Hash::sha256},                // ECDHE_RSA_WITH_NULL_SHA
    {0xC011, Kx::other, Bulk::rc4_128, Hash::sha1, Hash::sha256},             // ECDHE_RSA_WITH_RC4_128_SHA
    {0xC012, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // ECDHE_RSA_WITH_3DES_EDE_CBC_SHA
    {0xC013, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // ECDHE_RSA_WITH_AES_128_CBC_SHA
    {0xC014, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // ECDHE_RSA_WITH_AES_256_CBC_SHA
    {0xC015, Kx::other, Bulk::null, Hash::sha1, Hash::sha256},                // ECDH_anon_WITH_NULL_SHA
    {0xC016, Kx::other, Bulk::rc4_128, Hash::sha1, Hash::sha256},             // ECDH_anon_WITH_RC4_128_SHA
    {0xC017, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // ECDH_anon_WITH_3DES_EDE_CBC_SHA
    {0xC018, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // ECDH_anon_WITH_AES_128_CBC_SHA
    {0xC019, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // ECDH_anon_WITH_AES_256_CBC_SHA
    {0xC01A, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // SRP_SHA_WITH_3DES_EDE_CBC_SHA
    {0xC01B, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // SRP_SHA_RSA_WITH_3DES_EDE_CBC_SHA
    {0xC01C, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // SRP_SHA_DSS_WITH_3DES_EDE_CBC_SHA
    {0xC01D, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // SRP_SHA_WITH_AES_128_CBC_SHA
    {0xC01E, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // SRP_SHA_RSA_WITH_AES_128_CBC_SHA
    {0xC01F, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // SRP_SHA_DSS_WITH_AES_128_CBC_SHA
    {0xC020, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // SRP_SHA_WITH_AES_256_CBC_SHA
    {0xC021, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // SRP_SHA_RSA_WITH_AES_256_CBC_SHA
    {0xC022, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // SRP_SHA_DSS_WITH_AES_256_CBC_SHA
    {0xC023, Kx::other, Bulk::aes_128_cbc, Hash::sha256, Hash::sha256},       // ECDHE_ECDSA_WITH_AES_128_CBC_SHA256
    {0xC024, Kx::other, Bulk::aes_256_cbc, Hash::sha384, Hash::sha384},       // ECDHE_ECDSA_WITH_AES_256_CBC_SHA384
    {0xC025, Kx::other, Bulk::aes_128_cbc, Hash::sha256, Hash::sha256},       // ECDH_ECDSA_WITH_AES_128_CBC_SHA256
    {0xC026, Kx::other, Bulk::aes_256_cbc, Hash::sha384, Hash::sha384},       // ECDH_ECDSA_WITH_AES_256_CBC_SHA384
    {0xC027, Kx::other, Bulk::aes_128_cbc, Hash::sha256, Hash::sha256},       // ECDHE_RSA_WITH_AES_128_CBC_SHA256
    {0xC028, Kx::other, Bulk::aes_256_cbc, Hash::sha384, Hash::sha384},       // ECDHE_RSA_WITH_AES_256_CBC_SHA384
    {0xC029, Kx::other, Bulk::aes_128_cbc, Hash::sha256, Hash::sha256},       // ECDH_RSA_WITH_AES_128_CBC_SHA256
    {0xC02A, Kx::other, Bulk::aes_256_cbc, Hash::sha384, Hash::sha384},       // ECDH_RSA_WITH_AES_256_CBC_SHA384
    {0xC02B, Kx::other, Bulk::aes_128_gcm, Hash::none, Hash::sha256},         // ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    {0xC02C, Kx::other, Bulk::aes_256_gcm, Hash::none, Hash::sha384},         // ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
    {0xC02D, Kx::other, Bulk::aes_128_gcm, Hash::none, Hash::sha256},         // ECDH_ECDSA_WITH_AES_128_GCM_SHA256
    {0xC02E, Kx::other, Bulk::aes_256_gcm, Hash::none, Hash::sha384},         // ECDH_ECDSA_WITH_AES_256_GCM_SHA384
    {0xC02F, Kx::other, Bulk::aes_128_gcm, Hash::none, Hash::sha256},         // ECDHE_RSA_WITH_AES_128_GCM_SHA256
    {0xC030, Kx::other, Bulk::aes_256_gcm, Hash::none, Hash::sha384},         // ECDHE_RSA_WITH_AES_256_GCM_SHA384
    {0xC031, Kx::other, Bulk::aes_128_gcm, Hash::none, Hash::sha256},         // ECDH_RSA_WITH_AES_128_GCM_SHA256
    {0xC032, Kx::other, Bulk::aes_256_gcm, Hash::none, Hash::sha384},         // ECDH_RSA_WITH_AES_256_GCM_SHA384
    {0xC033, Kx::other, Bulk::rc4_128, Hash::sha1, Hash::sha256},             // ECDHE_PSK_WITH_RC4_128_SHA
    {0xC034, Kx::other, Bulk::triple_des_cbc, Hash::sha1, Hash::sha256},      // ECDHE_PSK_WITH_3DES_EDE_CBC_SHA
    {0xC035, Kx::other, Bulk::aes_128_cbc, Hash::sha1, Hash::sha256},         // ECDHE_PSK_WITH_AES_128_CBC_SHA
    {0xC036, Kx::other, Bulk::aes_256_cbc, Hash::sha1, Hash::sha256},         // ECDHE_PSK_WITH_AES_256_CBC_SHA
    {0xC037, Kx::other, Bulk::aes_128_cbc, Hash::sha256, Hash::sha256},       // ECDHE_PSK_WITH_AES_128_CBC_SHA256
    {0xC038, Kx::other, Bulk::aes_256_cbc, Hash::sha384, Hash::sha384},       // ECDHE_PSK_WITH_AES_256_CBC_SHA384
    {0xC039, Kx::other, Bulk::null, Hash::sha1, Hash::sha256},                // ECDHE_PSK_WITH_NULL_SHA
    {0xC03A, Kx::other, Bulk::null, Hash::sha256, Hash::sha256},              // ECDHE_PSK_WITH_NULL_SHA256
    {0xC03B, Kx::other, Bulk::null, Hash::sha384, Hash::sha384},              // ECDHE_PSK_WITH_NULL_SHA384
    {0xC03C, Kx::rsa, Bulk::aria_128_cbc, Hash::sha256, Hash::sha256},        // RSA_WITH_ARIA_128_CBC_SHA256
    {0xC03D, Kx::rsa, Bulk::aria_256_cbc, Hash::sha384, Hash::sha384},        // RSA_WITH_ARIA_256_CBC_SHA384
    {0xC03E, Kx::other, Bulk::aria_128_cbc, Hash::sha256, Hash::sha256},      // DH_DSS_WITH_ARIA_128_CBC_SHA256
    {0xC03F, Kx::other, Bulk::aria_256_cbc, Hash::sha384, Hash::sha384},      // DH_DSS_WITH_ARIA_256_CBC_SHA384
    {0xC040, Kx::other, Bulk::aria_128_cbc, Hash::sha256, Hash::sha256},      // DH_RSA_WITH_ARIA_128_CBC_SHA256
    {0xC041, Kx::other, Bulk::aria_256_cbc, Hash::sha384, Hash::sha384},      // DH_RSA_WITH_ARIA_256_CBC_SHA384
    {0xC042, Kx::other, Bulk::aria_128_cbc, Hash::sha256, Hash::sha256},      // DHE_DSS_WITH_ARIA_128_CBC_SHA256
    {0xC043, Kx::other, Bulk::aria_256_cbc, Hash::sha384, Hash::sha384},      // DHE_DSS_WITH_ARIA_256_CBC_SHA384
    {0xC044, Kx::other, Bulk::aria_128_cbc, Hash::sha256, Hash::sha256},      // DHE_RSA_WITH_ARIA_128_CBC_SHA256
    {0xC045, Kx::other, Bulk::aria_256_cbc, Hash::sha384, Hash::sha384},      // DHE_RSA_WITH_ARIA_256_CBC_SHA384
    {0xC046, Kx::other, Bulk::aria_128_cbc, Hash::sha256, Hash::sha256},      // DH_anon_WITH_ARIA_128_CBC_SHA256
    {0xC047, Kx::other, Bulk::aria_256_cbc, Hash::sha384, Hash::sha384},      // DH_anon_WITH_ARIA_256_CBC_SHA384
    {0xC048, Kx::other, Bulk::aria_128_cbc, Hash::sha256, Hash::sha256},      // ECDHE_ECDSA_WITH_ARIA_128_CBC_SHA256
    {0xC049, Kx::other, Bulk::aria_256_cbc, Hash::sha384, Hash::sha384},      // ECDHE_ECDSA_WITH_ARIA_256_CBC_SHA384
    {0xC04A, Kx::other, Bulk::aria_128_cbc, Hash::sha256, Hash::sha256},      // ECDH_ECDSA_WITH_ARIA_128_CBC_SHA256
    {0xC04B, Kx::other, Bulk::aria_256_cbc, Hash::sha384, Hash::sha384},      // ECDH_ECDSA_WITH_ARIA_256_CBC_SHA384
    {0xC04C, Kx::other, Bulk::aria_128_cbc, Hash::sha256, Hash::sha256},      // ECDHE_RSA_WITH_ARIA_128_CBC_SHA256
    {0xC04D, Kx::other, Bulk::aria_256_cbc, Hash::sha384, Hash::sha384},      // ECDHE_RSA_WITH_ARIA_256_CBC_SHA384
    {0xC04E, Kx::other, Bulk::aria_128_cbc, Hash::sha256, Hash::sha256},      // ECDH_RSA_WITH_ARIA_128_CBC_SHA256
    {0xC04F, Kx::other, Bulk::aria_256_cbc, Hash::sha384, Hash::sha384},      // ECDH_RSA_WITH_ARIA_256_CBC_SHA384
    {0xC050, Kx::rsa, Bulk::aria_128_gcm, Hash::none, Hash::sha256},          // RSA_WITH_ARIA_128_GCM_SHA256
    {0xC051, Kx::rsa, Bulk::aria_256_gcm, Hash::none, Hash::sha384},          // RSA_WITH_ARIA_256_GCM_SHA384
    {0xC052, Kx::other, Bulk::aria_128_gcm, Hash::none, Hash::sha256},        // DHE_RSA_WITH_ARIA_128_GCM_SHA256
    {0xC053, Kx::other, Bulk::aria_256_gcm, Hash::none, Hash::sha384},        // DHE_RSA_WITH_ARIA_256_GCM_SHA384
    {0xC054, Kx::other, Bulk::aria_128_gcm, Hash::none, Hash::sha256},        // DH_RSA_WITH_ARIA_128_GCM_SHA256
    {0xC055, Kx::other, Bulk::aria_256_gcm, Hash::none, Hash::sha384},        // DH_RSA_WITH_ARIA_256_GCM_SHA384
    {0xC056, Kx::other, Bulk::aria_128_gcm, Hash::none, Hash::sha256},        // DHE_DSS_WITH_ARIA_128_GCM_SHA256
    {0xC057, Kx::other, Bulk::aria_256_gcm, Hash::none, Hash::sha384},        // DHE_DSS_WITH_ARIA_256_GCM_SHA384
    {0xC058, Kx::other, Bulk::aria_128_gcm, Hash::none, Hash::sha256},        // DH_DSS_WITH_ARIA_128_GCM_SHA256
    {0xC059, Kx::other, Bulk::aria_256_gcm, Hash::none, Hash::sha384},        // DH_DSS_WITH_ARIA_256_GCM_SHA384
    {0xC05A, Kx::other, Bulk::aria_128_gcm, Hash::none, Hash::sha256},        // DH_anon_WITH_ARIA_128_GCM_SHA256
    {0xC05B, Kx::other, Bulk::aria_256_gcm, Hash::none, Hash::sha384},        // DH_anon_WITH_ARIA_256_GCM_SHA384
    {0xC05C, Kx::other, Bulk::aria_128_gcm, Hash::none, Hash::sha256},        // ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256
    {0xC05D, Kx::other, Bulk::aria_256_gcm, Hash::none, Hash::sha384},        // ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384
    {0xC05E, Kx::other, Bulk::aria_128_gcm, Hash::none, Hash::sha256},        // ECDH_ECDSA_WITH_ARIA_128_GCM_SHA256
    {0xC05F, Kx::other, Bulk::aria_256_gcm, Hash::none, Hash::sha384},        // ECDH_ECDSA_WITH_ARIA_256_GCM_SHA384
    {0xC060, Kx::other, Bulk::aria_128_gcm, Hash::none, Hash::sha256},        // ECDHE_RSA_WITH_ARIA_128_GCM_SHA256
    {0xC061, Kx::other, Bulk::aria_256_gcm, Hash::none, Hash::sha384},        // ECDHE_RSA_WITH_ARIA_256_GCM_SHA384
    {0xC062, Kx::other, Bulk::aria_128_gcm, Hash::none, Hash::sha256},        // ECDH_RSA_WITH_ARIA_128_GCM_SHA256
    {0xC063, Kx::other, Bulk::aria_256_gcm, Hash::none, Hash::sha384},        // ECDH_RSA_WITH_ARIA_256_GCM_SHA384
    {0xC064, Kx::other, Bulk::aria_128_cbc, Hash::sha256, Hash::sha256},      // PSK_WITH_ARIA_128_CBC_SHA256
    {0xC065, Kx::other, Bulk::aria_256_cbc, Hash::sha384, Hash::sha384},      // PSK_WITH_ARIA_256_CBC_SHA384
    {0xC066, Kx::other, Bulk::aria_128_cbc, Hash::sha256, Hash::sha256},      // DHE_PSK_WITH_ARIA_128_CBC_SHA256
    {0xC067, Kx::other, Bulk::aria_256_cbc, Hash::sha384, Hash::sha384},      // DHE_PSK_WITH_ARIA_256_CBC_SHA384
    {0xC068, Kx::other, Bulk::aria_128_cbc, Hash::sha256, Hash::sha256},      // RSA_PSK_WITH_ARIA_128_CBC_SHA256
    {0xC069, Kx::other, Bulk::aria_256_cbc, Hash::sha384, Hash::sha384},      // RSA_PSK_WITH_ARIA_256_CBC_SHA384
    {0xC06A, Kx::other, Bulk::aria_128_gcm, Hash::none, Hash::sha256},        // PSK_WITH_ARIA_128_GCM_SHA256
    {0xC06B, Kx::other, Bulk::aria_256_gcm, Hash::none, Hash::sha384},        // PSK_WITH_ARIA_256_GCM_SHA384
    {0xC06C, Kx::other, Bulk::aria_128_gcm, Hash::none, Hash::sha256},        // DHE_PSK_WITH_ARIA_128_GCM_SHA256
    {0xC06D, Kx::other, Bulk::aria_256_gcm, Hash::none, Hash::sha384},        // DHE_PSK_WITH_ARIA_256_GCM_SHA384
    {0xC06E, Kx::other, Bulk::aria_128_gcm, Hash::none, Hash::sha256},        // RSA_PSK_WITH_ARIA_128_GCM_SHA256
    {0xC06F, Kx::other, Bulk::aria_256_gcm, Hash::none, Hash::sha384},        // RSA_PSK_WITH_ARIA_256_GCM_SHA384
    {0xC070, Kx::other, Bulk::aria_128_cbc, Hash::sha256, Hash::sha256},      // ECDHE_PSK_WITH_ARIA_128_CBC_SHA256
    {0xC071, Kx::other, Bulk::aria_256_cbc, Hash::sha384, Hash::sha384},      // ECDHE_PSK_WITH_ARIA_256_CBC_SHA384
    {0xC072, Kx::other, Bulk::camellia_128_cbc, Hash::sha256,
     Hash::sha256},  // ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256
    {0xC073, Kx::other, Bulk::camellia_256_cbc, Hash::sha384,
     Hash::sha384},  // ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384
    {0xC074, Kx::other, Bulk::camellia_128_cbc, Hash::sha256, Hash::sha256},  // ECDH_ECDSA_WITH_CAMELLIA_128_CBC_SHA256
    {0xC075, Kx::other, Bulk::camellia_256_cbc, Hash::sha384, Hash::sha384},  // ECDH_ECDSA_WITH_CAMELLIA_256_CBC_SHA384
    {0xC076, Kx::other, Bulk::camellia_128_cbc, Hash::sha256, Hash::sha256},  // ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256
    {0xC077, Kx::other, Bulk::camellia_256_cbc, Hash::sha384, Hash::sha384},  // ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384
    {0xC078, Kx::other, Bulk::camellia_128_cbc, Hash::sha256, Hash::sha256},  // ECDH_RSA_WITH_CAMELLIA_128_CBC_SHA256
    {0xC079, Kx::other, Bulk::camellia_256_cbc, Hash::sha384, Hash::sha384},  // ECDH_RSA_WITH_CAMELLIA_256_CBC_SHA384
    {0xC094, Kx::other, Bulk::camellia_128_cbc, Hash::sha256, Hash::sha256},  // PSK_WITH_CAMELLIA_128_CBC_SHA256
    {0xC095, Kx::other, Bulk::camellia_256_cbc, Hash::sha384, Hash::sha384},  // PSK_WITH_CAMELLIA_256_CBC_SHA384
    {0xC096, Kx::other, Bulk::camellia_128_cbc, Hash::sha256, Hash::sha256},  // DHE_PSK_WITH_CAMELLIA_128_CBC_SHA256
    {0xC097, Kx::other, Bulk::camellia_256_cbc, Hash::sha384, Hash::sha384},  // DHE_PSK_WITH_CAMELLIA_256_CBC_SHA384
    {0xC098, Kx::other, Bulk::camellia_128_cbc, Hash::sha256, Hash::sha256},  // RSA_PSK_WITH_CAMELLIA_128_CBC_SHA256
    {0xC099, Kx::other, Bulk::camellia_256_cbc, Hash::sha384, Hash::sha384},  // RSA_PSK_WITH_CAMELLIA_256_CBC_SHA384
    {0xC09A, Kx::other, Bulk::camellia_128_cbc, Hash::sha256, Hash::sha256},  // ECDHE_PSK_WITH_CAMELLIA_128_CBC_SHA256
    {0xC09B, Kx::other, Bulk::camellia_256_cbc, Hash::sha384, Hash::sha384},  // ECDHE_PSK_WITH_CAMELLIA_256_CBC_SHA384
    {0xC09C, Kx::rsa, Bulk::aes_128_ccm, Hash::none, Hash::sha256},           // RSA_WITH_AES_128_CCM
    {0xC09D, Kx::rsa, Bulk::aes_256_ccm, Hash::none, Hash::sha256},           // RSA_WITH_AES_256_CCM
    {0xC09E, Kx::other, Bulk::aes_128_ccm, Hash::none, Hash::sha256},         // DHE_RSA_WITH_AES_128_CCM
    {0xC09F, Kx::other, Bulk::aes_256_ccm, Hash::none, Hash::sha256},         // DHE_RSA_WITH_AES_256_CCM
    {0xC0A0, Kx::rsa, Bulk::aes_128_ccm_8, Hash::none, Hash::sha256},         // RSA_WITH_AES_128_CCM_8
    {0xC0A1, Kx::rsa, Bulk::aes_256_ccm_8, Hash::none, Hash::sha256},         // RSA_WITH_AES_256_CCM_8
    {0xC0A2, Kx::other, Bulk::aes_128_ccm_8, Hash::none, Hash::sha256},       // DHE_RSA_WITH_AES_128_CCM_8
    {0xC0A3, Kx::other, Bulk::aes_256_ccm_8, Hash::none, Hash::sha256},       // DHE_RSA_WITH_AES_256_CCM_8
    {0xC0A4, Kx::other, Bulk::aes_128_ccm, Hash::none, Hash::sha256},         // PSK_WITH_AES_128_CCM
    {0xC0A5, Kx::other, Bulk::aes_256_ccm, Hash::none, Hash::sha256},         // PSK_WITH_AES_256_CCM
    {0xC0A6, Kx::other, Bulk::aes_128_ccm, Hash::none, Hash::sha256},         // DHE_PSK_WITH_AES_128_CCM
    {0xC0A7, Kx::other, Bulk::aes_256_ccm, Hash::none, Hash::sha256},         // DHE_PSK_WITH_AES_256_CCM
    {0xC0A8, Kx::other, Bulk::aes_128_ccm_8, Hash::none, Hash::sha256},       // PSK_WITH_AES_128_CCM_8
    {0xC0A9, Kx::other, Bulk::aes_256_ccm_8, Hash::none, Hash::sha256},       // PSK_WITH_AES_256_CCM_8
    {0xC0AA, Kx::other, Bulk::aes_128_ccm_8, Hash::none, Hash::sha256},       // PSK_DHE_WITH_AES_128_CCM_8
    {0xC0AB, Kx::other, Bulk::aes_256_ccm_8, Hash::none, Hash::sha256},       // PSK_DHE_WITH_AES_256_CCM_8
    {0xC0AC, Kx::other, Bulk::aes_128_ccm, Hash::none, Hash::sha256},         // ECDHE_ECDSA_WITH_AES_128_CCM
    {0xC0AD, Kx::other, Bulk::aes_256_ccm, Hash::none, Hash::sha256},         // ECDHE_ECDSA_WITH_AES_256_CCM
    {0xC0AE, Kx::other, Bulk::aes_128_ccm_8, Hash::none, Hash::sha256},       // ECDHE_ECDSA_WITH_AES_128_CCM_8
    {0xC0AF, Kx::other, Bulk::aes_256_ccm_8, Hash::none, Hash::sha256},       // ECDHE_ECDSA_WITH_AES_256_CCM_8
    {0xC0B0, Kx::other, Bulk::aes_128_gcm, Hash::none, Hash::sha256},         // ECCPWD_WITH_AES_128_GCM_SHA256
    {0xC0B1, Kx::other, Bulk::aes_256_gcm, Hash::none, Hash::sha384},         // ECCPWD_WITH_AES_256_GCM_SHA384
    {0xC0B2, Kx::other, Bulk::aes_128_ccm, Hash::none, Hash::sha256},         // ECCPWD_WITH_AES_128_CCM_SHA256
    {0xC0B3, Kx::other, Bulk::aes_256_ccm, Hash::none, Hash::sha384},         // ECCPWD_WITH_AES_256_CCM_SHA384
    {0xC0FF, Kx::other, Bulk::aes_128_ccm_8, Hash::none, Hash::sha256},       // ECJPAKE_WITH_AES_128_CCM_8
    {0xCC13, Kx::other, Bulk::chacha20_poly1305, Hash::none, Hash::sha256},   // ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    {0xCC14, Kx::other, Bulk::chacha20_poly1305, Hash::none,
     Hash::sha256},  // ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
    {0xCC15, Kx::other, Bulk::chacha20_poly1305, Hash::none, Hash::sha256},  // DHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    {0xCCA8, Kx::other, Bulk::chacha20_poly1305, Hash::none, Hash::sha256},  // ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    {0xCCA9, Kx::other, Bulk::chacha20_poly1305, Hash::none,
     Hash::sha256},  // ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
    {0xCCAA, Kx::other, Bulk::chacha20_poly1305, Hash::none, Hash::sha256},  // DHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    {0xCCAB, Kx::other, Bulk::chacha20_poly1305, Hash::none, Hash::sha256},  // PSK_WITH_CHACHA20_POLY1305_SHA256
    {0xCCAC, Kx::other, Bulk::chacha20_poly1305, Hash::none, Hash::sha256},  // ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256
    {0xCCAD, Kx::other, Bulk::chacha20_poly1305, Hash::none, Hash::sha256},  // DHE_PSK_WITH_CHACHA20_POLY1305_SHA256
    {0xCCAE, Kx::other, Bulk::chacha20_poly1305, Hash::none, Hash::sha256},  // RSA_PSK_WITH_CHACHA20_POLY1305_SHA256
    {0xD001, Kx::other, Bulk::aes_128_gcm, Hash::none, Hash::sha256},        // ECDHE_PSK_WITH_AES_128_GCM_SHA256
    {0xD002, Kx::other, Bulk::aes_256_gcm, Hash::none, Hash::sha384},        // ECDHE_PSK_WITH_AES_256_GCM_SHA384
    {0xD003, Kx::other, Bulk::aes_128_ccm_8, Hash::none, Hash::sha256},      // ECDHE_PSK_WITH_AES_128_CCM_8_SHA256
    {0xD005, Kx::other, Bulk::aes_128_ccm, Hash::none, Hash::sha256},        // ECDHE_PSK_WITH_AES_128_CCM_SHA256
};

using Mode = BulkInfo::Mode;
constexpr std::array<BulkInfo, static_cast<std::size_t>(Bulk::count)> kBulks{{
    {nullptr, Mode::null, 0, 0, 0},
    {"RC4", Mode::stream, 16, 0, 0},
    {"DES-CBC", Mode::cbc, 8, 8, 0},
    {"DES-EDE3-CBC", Mode::cbc, 24, 8, 0},
    {"IDEA-CBC", Mode::cbc, 16, 8, 0},
    {"SEED-CBC", Mode::cbc, 16, 16, 0},
    {"AES-128-CBC", Mode::cbc, 16, 16, 0},
    {"AES-256-CBC", Mode::cbc, 32, 16, 0},
    {"CAMELLIA-128-CBC", Mode::cbc, 16, 16, 0},
    {"CAMELLIA-256-CBC", Mode::cbc, 32, 16, 0},
    {"ARIA-128-CBC", Mode::cbc, 16, 16, 0},
    {"ARIA-256-CBC", Mode::cbc, 32, 16, 0},
    {"AES-128-GCM", Mode::gcm, 16, 0, 16},
    {"AES-256-GCM", Mode::gcm, 32, 0, 16},
    {"ARIA-128-GCM", Mode::gcm, 16, 0, 16},
    {"ARIA-256-GCM", Mode::gcm, 32, 0, 16},
    {"AES-128-CCM", Mode::ccm, 16, 0, 16},
    {"AES-256-CCM", Mode::ccm, 32, 0, 16},
    {"AES-128-CCM", Mode::ccm, 16, 0, 8},
    {"AES-256-CCM", Mode::ccm, 32, 0, 8},
    {"ChaCha20-Poly1305", Mode::chacha, 32, 0, 16},
}};

}  // namespace

const BulkInfo& bulk_info(Bulk bulk) { return kBulks[static_cast<std::size_t>(bulk)]; }

const CipherSuite* find_cipher_suite(std::uint16_t id) {
  const auto* found = std::ranges::lower_bound(kSuites, id, {}, &CipherSuite::id);
  return found != std::end(kSuites) && found->id == id ? found : nullptr;
}

}  // namespace tattle
